import type { FigureResult, SuiteResult, WorkloadResult } from '../harness/result.ts'

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

/** What a row is called below its group's heading: without what all of its rows begin with. */
export function rowName({ name: group, workloads }: Group, { name }: WorkloadResult): string {
  const [first = '', ...rest] = name.split(', ')
  const isShared = workloads.length > 1 && workloads.every(one => one.name.startsWith(`${first}, `))
  return rest.length > 0 && (isShared || first === group) ? rest.join(', ') : name
}

const usage = ['server CPU', 'server CPU a message', 'peak memory', 'written']

/** Names of what was measured of its own, or has a target; the rest is what it cost. */
export function mainFigures({ workloads }: Group): FigureResult[] {
  const found = new Map<string, FigureResult>()
  for (const { figures } of workloads) {
    for (const figure of figures) {
      const isMain = !usage.includes(figure.name) || figure.targets !== undefined
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

/** What a chart shows of a group: what has targets before what has none. */
export function chartFigure(group: Group): FigureResult | undefined {
  const main = mainFigures(group).filter(({ name }) => !usage.includes(name))
  return main.find(({ targets }) => targets !== undefined) ?? main[0]
}

export const figureOf = (workload: WorkloadResult, name: string): FigureResult | undefined =>
  workload.figures.find(figure => figure.name === name)
