import { median, type FigureResult, holds, ratio, type SuiteResult } from '../harness/result.ts'
import { amount, digits, percent, spread, table } from './format.ts'
import { targetText } from './goals.ts'
import {
  caption,
  costFigures,
  figureOf,
  type Group,
  groupsOf,
  mainFigures,
  rowName,
  titled,
} from './groups.ts'

/** What one suite has on the page; `notes` are written by hand, `charts` maps groups to files. */
export function section(
  result: SuiteResult,
  notes: string,
  charts: ReadonlyMap<string, string>,
): string {
  const parts = [`## ${result.title}`, conditions(result), sidesTable(result)]
  for (const group of groupsOf(result)) {
    parts.push(`### ${result.title}: ${group.name}`)
    const chart = charts.get(group.name)
    if (chart !== undefined) parts.push(`![${result.title}: ${group.name}](${chart})`)
    for (const figure of mainFigures(group)) parts.push(figureTable(result, group, figure.name))
    parts.push(...troubles(result, group), costs(result, group))
  }
  if (notes !== '') parts.push(notes)
  return parts.filter(part => part !== '').join('\n\n')
}

function conditions({ suite, load, machine, date, rounds, seconds, others }: SuiteResult): string {
  const disk = `${machine.fileSystem}, ${machine.syncMs} ms to write and sync 4 KiB`
  const hardware = `${machine.cores} × ${machine.processor}, ${machine.memoryGiB} GiB`
  return [
    `Load: ${load}`,
    `\`npm run bench -- ${suite}\`: ${count(rounds, 'round')}, loads of ${seconds} s, ${date}, ` +
      `on ${hardware}, ${disk}, Linux ${machine.kernel}, Node ${machine.node.slice(1)}; other ` +
      `programs took ${percent(others)} of the processors meanwhile.`,
  ].join('\n\n')
}

const count = (many: number, word: string): string => `${many} ${word}${many === 1 ? '' : 's'}`

function sidesTable({ sides }: SuiteResult): string {
  const rows = sides.map(({ name, title, version, durability, absent }) => {
    const state = absent === undefined ? version : `not measured: ${absent}`
    return [`${title} (\`${name}\`)`, state, durability]
  })
  return table(['Side', 'Version', 'When it acknowledges'], rows, 'left')
}

/** One row a workload: ours, then each peer and the ratio to it. */
function figureTable(result: SuiteResult, group: Group, name: string): string {
  const [ours, ...peers] = present(result)
  if (ours === undefined) return ''
  const head = [caption(group, name), ours.title]
  for (const peer of peers) head.push(peer.title, 'ratio')
  const rows: string[][] = []
  for (const workload of group.workloads) {
    const figure = figureOf(workload, name)
    if (figure === undefined && workload.failures === undefined) continue
    const cell = (side: string): string => {
      const values = figure?.values[side]
      if (values === undefined && workload.failures?.[side] !== undefined) return 'failed'
      return spread(values, figure?.unit ?? '')
    }
    const row = [rowName(group, workload), cell(ours.name)]
    for (const peer of peers) row.push(cell(peer.name), ratioCell(figure, ours.name, peer.name))
    rows.push(row)
  }
  return table(head, rows)
}

const present = ({ sides }: SuiteResult): SuiteResult['sides'] =>
  sides.filter(({ absent }) => absent === undefined)

function ratioCell(figure: FigureResult | undefined, ours: string, peer: string): string {
  if (figure === undefined) return '–'
  const found = ratio(figure, ours, peer)
  if (!Number.isFinite(found)) return '–'
  const isHeld = holds(figure, ours, peer)
  if (isHeld === undefined) return digits(found)
  const target = targetText({ better: figure.better, target: figure.targets![peer]! })
  return isHeld
    ? `**${digits(found)}** (${target}: holds)`
    : `**${digits(found)}** (${target}: misses)`
}

/** What failed and what must be known, below the tables that show it. */
function troubles({ sides, rounds }: SuiteResult, group: Group): string[] {
  const lines: string[] = []
  const title = (name: string): string => sides.find(side => side.name === name)?.title ?? name
  for (const workload of group.workloads) {
    const row = rowName(group, workload)
    for (const [side, reasons] of Object.entries(workload.failures ?? {})) {
      const often = `failed in ${reasons.length} of ${count(rounds, 'round')}`
      lines.push(`- ${row}: ${title(side)} ${often}: ${reasons[0]}`)
    }
    const remarks = Object.entries(workload.remarks ?? {})
    const isOfAll = remarks.length > 1 && remarks.every(([, text]) => text === remarks[0]![1])
    if (isOfAll) lines.push(`- ${row}: ${remarks[0]![1]}`)
    else for (const [side, text] of remarks) lines.push(`- ${row}: ${title(side)}: ${text}`)
  }
  return lines.length === 0 ? [] : [lines.join('\n')]
}

/** Folded away; one column a figure, or there were as many as sides and figures. */
function costs(result: SuiteResult, group: Group): string {
  const sides = present(result)
  const figures = costFigures(group)
  if (figures.length === 0) return ''
  const rows = group.workloads.map(workload => {
    const cells = figures.map(({ name, unit }) => {
      const values = figureOf(workload, name)?.values ?? {}
      if (Object.keys(values).length === 0) return '–'
      return sides.map(side => amount(median(values[side.name] ?? []), unit)).join(' / ')
    })
    return [rowName(group, workload), ...cells]
  })
  const head = ['', ...figures.map(({ name, unit }) => titled(name, unit))]
  const summary = `What it cost, medians: ${sides.map(({ title }) => title).join(' / ')}`
  const opened = `<details><summary>${summary}</summary>`
  return [opened, table(head, rows), '</details>'].join('\n\n')
}
