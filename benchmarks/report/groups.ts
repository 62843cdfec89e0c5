import type { FigureResult, SuiteResult, WorkloadResult } from '../harness/result.ts'
import { usageFigures } from '../harness/suite.ts'

/** Workloads of one kind, which share a chart and tables. */
export type Group = {
  readonly name: string
  readonly workloads: readonly WorkloadResult[]
}

export function groupsOf({ workloads }: SuiteResult): Group[] {
  const found = new Map<string, WorkloadResult[]>()
  for (const workload of workloads) {
    const name = workload.group ?? workload.name.split(', ')[0]!
    found.set(name, [...(found.get(name) ?? []), workload])
  }
  return [...found].map(([name, list]) => ({ name, workloads: list }))
}

/** What a row is called below its group's heading: without what all of its rows have in common. */
export function rowName(group: Group, { name }: WorkloadResult): string {
  const shared = sharedParts(group)
  const rest = partsOf(name).filter((_, index) => shared[index] === undefined)
  return rest.length === 0 ? name : rest.join(', ')
}

/** Heads what is said of a figure of all rows. */
export function caption(group: Group, name: string): string {
  const figure = group.workloads.map(workload => figureOf(workload, name)).find(Boolean)
  return [titled(name, figure?.unit ?? ''), sharedText(group)].filter(Boolean).join('; ')
}

export const titled = (name: string, unit: string): string =>
  unit === '' ? name : `${name}, ${unit}`

/** What all rows have in common and the heading does not say. */
function sharedText(group: Group): string {
  const heading = group.name.toLowerCase()
  const unsaid = sharedParts(group).filter(part => part && !heading.includes(part.toLowerCase()))
  return unsaid.join(', ')
}

/** By the place in their names; of names of different lengths, only the first can be. */
function sharedParts({ name, workloads }: Group): (string | undefined)[] {
  const all = workloads.map(workload => partsOf(workload.name))
  const [first = []] = all
  if (all.length === 1) return first[0] === name ? [first[0]] : []
  const isSame = all.every(parts => parts.length === first.length)
  const compared = isSame ? first : first.slice(0, 1)
  return compared.map((part, index) => (all.every(one => one[index] === part) ? part : undefined))
}

const partsOf = (name: string): string[] => name.split(', ')

const PERCENTILE = /^p\d/
const usage = usageFigures.map(({ name }) => name)

/** What it is about: what comes first, percentiles, and what has a target; the rest it cost. */
export function mainFigures({ workloads }: Group): FigureResult[] {
  const found = new Map<string, FigureResult>()
  for (const { figures } of workloads) {
    for (const [index, figure] of figures.entries()) {
      const isFirst = index === 0 && !usage.includes(figure.name)
      const isMain = isFirst || PERCENTILE.test(figure.name) || figure.targets !== undefined
      if (isMain && !found.has(figure.name)) found.set(figure.name, figure)
    }
  }
  return [...found.values()]
}

export function costFigures(group: Group): FigureResult[] {
  const main = new Set(mainFigures(group).map(({ name }) => name))
  const found = new Map<string, FigureResult>()
  for (const { figures } of group.workloads) {
    for (const figure of figures) if (!main.has(figure.name)) found.set(figure.name, figure)
  }
  return [...found.values()]
}

/** What a chart shows of a group: what most rows have a target for, or most rows have. */
export function chartFigure(group: Group): FigureResult | undefined {
  const main = mainFigures(group).filter(({ name }) => !usage.includes(name))
  return main.toSorted((one, other) => weight(group, other) - weight(group, one))[0]
}

function weight({ workloads }: Group, { name }: FigureResult): number {
  const found = workloads.map(workload => figureOf(workload, name)).filter(Boolean)
  const promised = found.filter(figure => figure?.targets !== undefined)
  // Of percentiles that nothing was promised of, the one that is felt.
  return promised.length * 1000 + found.length * 10 + (name === 'p99' ? 1 : 0)
}

export const figureOf = (workload: WorkloadResult, name: string): FigureResult | undefined =>
  workload.figures.find(figure => figure.name === name)
