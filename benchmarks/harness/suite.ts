import type { Side, Subject } from './side.ts'

/** One number that a workload yields for each side. */
export type Figure = {
  readonly name: string
  readonly unit: string
  readonly better: 'more' | 'less'
  /** By peer: ours divided by theirs is to be at least this; at most, when less is better. */
  readonly targets?: Readonly<Record<string, number>>
}

/** What every workload yields beside its own figures. */
export const usageFigures: readonly Figure[] = [
  { name: 'server CPU', unit: 's', better: 'less' },
  { name: 'server CPU a message', unit: 'µs', better: 'less' },
  { name: 'peak memory', unit: 'MB', better: 'less' },
  { name: 'written', unit: 'MB', better: 'less' },
  { name: 'written a payload byte', unit: 'bytes', better: 'less' },
]

export type Outcome = {
  /** By the names of the figures. */
  readonly figures: Readonly<Record<string, number>>
  /** How many messages were handled: what the processor's time is divided by. */
  readonly messages?: number
  /** Of what was written: what the disk got meanwhile is divided by it. */
  readonly payloadBytes?: number
  /** Why a figure is absent, or what else a reader must know, in a sentence. */
  readonly remark?: string
}

export type Workload = {
  /** Unique in its suite, such as `produce, 100 B, 16 partitions`. */
  readonly name: string
  /** Heads its table in the report; without it, what stands before the first comma of its name. */
  readonly group?: string
  readonly figures: readonly Figure[]
  /** Counts what the server used since its process was started, not only meanwhile. */
  readonly isFromStart?: boolean
  /** It failed when it takes longer; default 300 and ten times what each load is measured. */
  readonly secondsMax?: number
  /** Sides it does not suit are left out. */
  readonly sides?: readonly string[]
  /** What must be there before it is measured, such as what is to be read. */
  prepare?(subject: Subject, settings: RunSettings): Promise<void>
  run(subject: Subject, settings: RunSettings): Promise<Outcome>
}

export type RunSettings = {
  /** How long each load is measured. */
  readonly seconds: number
  /** What a backlog has, of payload, before it is drained. */
  readonly backlogBytes: number
}

/** Workloads that share sides, a load program and a page in the results. */
export type Suite = {
  /** What is said on the command line, and the name of its file of results. */
  readonly name: string
  readonly title: string
  /** The load program and its settings, in a sentence or two. */
  readonly load: string
  /** Ours first: every other one is a peer that it is divided by. */
  readonly sides: readonly Side[]
  readonly workloads: readonly Workload[]
  /** A fresh server for each workload; else one for all workloads of a round. */
  readonly isFreshEach?: boolean
}
