import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SuiteResult } from '../harness/result.ts'
import { draw } from './charts/draw.ts'
import { lanes } from './charts/lanes.ts'
import { overview } from './charts/overview.ts'
import { sizes } from './charts/sizes.ts'
import { slug } from './format.ts'
import { checkGoals } from './goals.ts'
import { chartFigure, type Group, groupsOf } from './groups.ts'
import { page } from './page.ts'

/** Below `docs/`: what suites leave, what is written by hand, and the charts made of it. */
const FOLDER = 'performance'
/** As they stand on the page; others follow by name. */
const order = ['kafka', 'amqp091', 'redis', 'start', 'memory', 'recovery']

/** Writes the page and its charts anew; charts that nothing is left of are removed. */
export function writeReport(docs: string): void {
  const files = reportFiles(docs)
  for (const [path, text] of files) writeFileSync(join(docs, path), text)
  for (const path of chartsIn(docs)) if (!files.has(path)) rmSync(join(docs, path))
}

export const chartsIn = (docs: string): string[] =>
  readdirSync(join(docs, FOLDER))
    .filter(name => name.endsWith('.svg'))
    .map(name => `${FOLDER}/${name}`)

/** What the page is made of now, by path below `docs`. */
export function reportFiles(docs: string): Map<string, string> {
  const names = readdirSync(join(docs, FOLDER))
  const read = (name: string): string => readFileSync(join(docs, FOLDER, name), 'utf8')
  const results = names
    .filter(name => name.endsWith('.json'))
    .map(name => JSON.parse(read(name)) as SuiteResult)
    .toSorted((one, other) => rank(one) - rank(other) || (one.suite < other.suite ? -1 : 1))
  const notes = new Map(
    names
      .filter(name => name.endsWith('.md'))
      .toSorted()
      .map(name => [name.slice(0, -'.md'.length), read(name).trim()]),
  )
  const files = new Map<string, string>()
  const charts = new Map<string, Map<string, string>>()
  for (const result of results) charts.set(result.suite, drawSuite(result, files))
  const all = overview(checkGoals(results))
  const overviewPath = `${FOLDER}/targets.svg`
  if (all !== null) files.set(overviewPath, draw(all))
  const text = page({ results, notes, charts, overview: all === null ? null : overviewPath })
  files.set('performance.md', text)
  return files
}

function rank({ suite }: SuiteResult): number {
  const found = order.findIndex(name => suite === name || suite.startsWith(`${name}-`))
  return found < 0 ? order.length : found
}

function drawSuite(result: SuiteResult, files: Map<string, string>): Map<string, string> {
  const paths = new Map<string, string>()
  for (const group of groupsOf(result)) {
    const svg = drawGroup(result, group)
    if (svg === null) continue
    const path = `${FOLDER}/${result.suite}-${slug(group.name)}.svg`
    files.set(path, svg)
    paths.set(group.name, path)
  }
  return paths
}

function drawGroup(result: SuiteResult, group: Group): string | null {
  const figure = chartFigure(group)
  if (figure === undefined) return null
  // Two numbers are no picture.
  if (group.workloads.length === 1 && result.sides.length === 2) return null
  return draw(sizes(result, group, figure) ?? lanes(result, group, figure))
}
