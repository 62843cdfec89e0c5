import type { Figure } from './suite.ts'

/** What a suite leaves behind: docs/performance/NAME.json. */
export type SuiteResult = {
  readonly suite: string
  readonly title: string
  readonly load: string
  readonly date: string
  readonly machine: Machine
  /** The part of the processors that other programs took meanwhile, 0 to 1. */
  readonly others: number
  readonly rounds: number
  readonly seconds: number
  readonly sides: readonly SideResult[]
  readonly workloads: readonly WorkloadResult[]
}

export type Machine = {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly fileSystem: string
  /** Median of writing 4 KiB and syncing them, in the folder of the servers. */
  readonly syncMs: number
  readonly kernel: string
  readonly node: string
}

export type SideResult = {
  readonly name: string
  readonly title: string
  readonly durability: string
  readonly version: string
  /** Why it was not measured. */
  readonly absent?: string
}

export type WorkloadResult = {
  readonly name: string
  readonly group?: string
  readonly figures: readonly FigureResult[]
  /** By side: why a round of it failed. */
  readonly failures?: Readonly<Record<string, readonly string[]>>
  /** By side: what a reader must know. */
  readonly remarks?: Readonly<Record<string, string>>
}

export type FigureResult = Figure & {
  /** By side: one value of each round, in the order they were measured. */
  readonly values: Readonly<Record<string, readonly number[]>>
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return Number.NaN
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Ours divided by a peer's, of the medians. */
export function ratio(figure: FigureResult, ours: string, peer: string): number {
  return median(figure.values[ours] ?? []) / median(figure.values[peer] ?? [])
}

/** Whether a target holds; without one, nothing was promised. */
export function holds(figure: FigureResult, ours: string, peer: string): boolean | undefined {
  const target = figure.targets?.[peer]
  if (target === undefined) return undefined
  const found = ratio(figure, ours, peer)
  return figure.better === 'more' ? found >= target : found <= target
}
