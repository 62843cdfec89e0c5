export { ClientError } from '../client-error.ts'

/**
 * What a scenario may ask of a client. A driver translates these operations into the calls of one
 * client library; those that run in a process of their own get them as lines of JSON.
 */
export type Row = {
  readonly partition?: number
  readonly key: string | null
  readonly value: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly timestamp?: number
}

export type Found = {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly timestamp: number
}

export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof compressions)[number]

/** Where a read starts: at an end of the log, at an offset, or at a time in milliseconds. */
export type Start = 'earliest' | { readonly offset: number } | { readonly time: number }

export type Operations = {
  createTopic(args: {
    topic: string
    partitions: number
    configs?: Record<string, string>
  }): Promise<unknown>
  deleteTopic(args: { topic: string }): Promise<unknown>
  listTopics(args: object): Promise<string[]>
  describeTopic(args: { topic: string }): Promise<{ partitions: number }>
  createPartitions(args: { topic: string; total: number }): Promise<unknown>
  describeConfigs(args: { topic: string }): Promise<Record<string, string>>
  alterConfigs(args: { topic: string; set: Record<string, string> }): Promise<unknown>
  deleteRecords(args: { topic: string; partition: number; before: number }): Promise<unknown>
  /** Returns where each record went, in the order given; offset -1 where the client cannot know. */
  produce(args: {
    topic: string
    records: readonly Row[]
    acks?: -1 | 0 | 1
    compression?: Compression
    idempotent?: boolean
  }): Promise<{ partition: number; offset: number }[]>
  /** Reads so many records of one partition without a group. Fails when they do not come. */
  consume(args: { topic: string; partition: number; from: Start; count: number }): Promise<Found[]>
  offsets(args: {
    topic: string
    partition: number
    at: 'earliest' | 'latest' | number
  }): Promise<{ offset: number }>
  /** Adds a member to a group. It keeps polling until it leaves; `reset` is where it starts. */
  join(args: {
    member: string
    group: string
    topic: string
    reset: 'earliest' | 'latest'
    instanceId?: string
    strategy?: 'range' | 'cooperative-sticky'
  }): Promise<unknown>
  assignment(args: { member: string }): Promise<{ partitions: number[] }>
  /** Hands out up to `count` records, as soon as there are as many or the time is over. */
  poll(args: { member: string; count: number; timeoutMs: number }): Promise<Found[]>
  /** Commits what `poll` handed out, no more. */
  commit(args: { member: string }): Promise<unknown>
  leave(args: { member: string }): Promise<unknown>
  listGroups(args: object): Promise<string[]>
  describeGroup(args: { group: string }): Promise<{ state: string; members: number }>
  deleteGroup(args: { group: string }): Promise<unknown>
  committed(args: { group: string; topic: string }): Promise<Record<string, number>>
  alterOffsets(args: {
    group: string
    topic: string
    partition: number
    offset: number
  }): Promise<unknown>
  deleteOffsets(args: { group: string; topic: string; partition: number }): Promise<unknown>
  logDirs(args: { topic: string }): Promise<Record<string, number>>
  cluster(args: object): Promise<{ brokers: number; controller: number; clusterId: string }>
}

export type Operation = keyof Operations

/** One client library, ready to talk to one broker. Operations it lacks are absent. */
export type Driver = {
  readonly operations: Partial<Operations>
  close(): Promise<void>
}

/** How a driver is made ready, and why it cannot be. */
export type DriverKind = {
  readonly name: string
  readonly inProcess: boolean
  /** The compressions it writes and reads; all five when absent. */
  readonly compressions?: readonly Compression[]
  /** False when records carry the time at which they were sent, whatever is asked. */
  readonly setsTime?: false
  /** The compressions that others read from it and it from others, where that is less. */
  readonly exchanges?: readonly Compression[]
  /** Builds or installs what it needs. Throws a sentence when something is missing. */
  prepare(): Promise<void>
  open(address: string): Promise<Driver>
}

export const allOperations: readonly Operation[] = [
  ...(['createTopic', 'deleteTopic', 'listTopics', 'describeTopic', 'createPartitions'] as const),
  ...(['describeConfigs', 'alterConfigs', 'deleteRecords'] as const),
  ...(['produce', 'consume', 'offsets'] as const),
  ...(['join', 'assignment', 'poll', 'commit', 'leave'] as const),
  ...(['listGroups', 'describeGroup', 'deleteGroup'] as const),
  ...(['committed', 'alterOffsets', 'deleteOffsets', 'logDirs', 'cluster'] as const),
]
