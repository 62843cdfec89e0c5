import type { ReplyWriter } from '../../../lib/resp/index.ts'
import type { CommandGroup, Wait } from '../command.ts'
import type { Dated } from '../../../lib/deadlines.ts'

/** A client, as far as waiting goes. */
export interface Party {
  readonly reply: ReplyWriter
  /** A reply is about to be written by somebody else's doing. */
  answering(): void
  /** The reply was written: it may go on, after this turn. */
  answered(): void
}

/** One command of one client that has not been answered. */
export class Waiter implements Dated {
  readonly party: Party
  readonly database: number
  readonly group: CommandGroup
  /** Null: it does not wait for keys. */
  readonly wait: Wait | null
  /** What its command touches when it is served: others may wait for that. */
  readonly touches: readonly string[]
  /** Null: neither time nor CLIENT UNBLOCK ends it. */
  readonly timedOut: ((reply: ReplyWriter) => void) | null
  /** By the clock that never goes back; infinite: never. */
  readonly dueAt: number
  heapIndex = -1
  isOver = false
  /** Null: it is tried again only when something came. */
  retry: Retry | null = null

  constructor(options: {
    readonly party: Party
    readonly database: number
    readonly group: CommandGroup
    readonly wait: Wait | null
    readonly touches: readonly string[]
    readonly timedOut: ((reply: ReplyWriter) => void) | null
    readonly dueAt: number
  }) {
    this.party = options.party
    this.database = options.database
    this.group = options.group
    this.wait = options.wait
    this.touches = options.touches
    this.timedOut = options.timedOut
    this.dueAt = options.dueAt
  }
}

/** When a waiter is tried again though nothing came. */
export class Retry implements Dated {
  readonly waiter: Waiter
  readonly dueAt: number
  heapIndex = -1

  constructor(waiter: Waiter, dueAt: number) {
    this.waiter = waiter
    this.dueAt = dueAt
  }
}
