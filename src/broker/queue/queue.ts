import type { Brand, Offset } from '../../lib/brand.ts'
import type { Publication } from '../../message/publication.ts'
import type { Topic } from '../topic/index.ts'
import type { Consumer, ConsumerOptions, Settlement } from './consumer.ts'
import type { QueueSettings } from './settings.ts'

/** Names a queue for ever. */
export type QueueId = Brand<number, 'QueueId'>

/** The ends of a list: see `Queue.head`. */
export type Side = 'left' | 'right'

/** What a queue was declared with. Protocols compare it when it is declared again. */
export type QueueSpec = {
  readonly namespace: string
  readonly name: string
  /** False: it is gone when the broker starts again. */
  readonly isDurable: boolean
  /** Goes with its last consumer, once it had one. */
  readonly isAutoDelete: boolean
  /** The session it belongs to and ends with, or null. Exclusive queues are not durable. */
  readonly owner: number | null
  /** The user who declared it, for lists. */
  readonly user: string
  /** As the protocol was given them, for lists and for declaring again: JSON values. */
  readonly declared: Readonly<Record<string, unknown>>
  /** `stream`: a log that is read with cursors, not a queue with settlements. */
  readonly type: 'classic' | 'quorum' | 'stream'
  /**
   * The topic whose records it hands out. Null: a topic of its own name is made, whose records are
   * kept until they are settled; or, when there is one of that name, that one, as it is.
   */
  readonly source: string | null
  /** Nobody declared it: it came with the first element of a list, and goes when it is empty. */
  readonly isImplicit?: true
}

/** Bits of what `enqueue` says. */
export const enqueued = { taken: 1, rejected: 2 } as const

/**
 * A cursor on the logs of a topic, plus what came back, is not settled, or was settled out of
 * order. It holds no list of messages. Each log is a lane; with priorities there is a lane for each
 * level that was used, and a higher one goes first.
 */
export interface Queue {
  readonly id: QueueId
  readonly spec: QueueSpec
  readonly topic: Topic
  /** In force: from the declaration, policies and operator policies. */
  readonly settings: QueueSettings
  readonly isDeleted: boolean
  /** The end of the list that is handed out first: which one depends on who began to push. */
  readonly head: Side
  /** Ready messages; what is with consumers is not among them. */
  readonly readyCount: number
  readonly readyBytes: number
  readonly unsettledCount: number
  readonly consumerCount: number
  /** The name of the one that is active, of an exclusive or single-active queue. */
  readonly activeConsumer: string | null
  consumers(): Iterable<{ readonly consumer: Consumer; readonly options: ConsumerOptions }>

  /** Takes a message, at once visible to limits, durable with the turn. Bits of `enqueued`. */
  enqueue(publication: Publication): number

  /** Throws `access-refused` when it is, or would have to be, the only one. */
  attach(consumer: Consumer, options: ConsumerOptions): void
  /** What it holds stays unsettled until the protocol settles it. */
  detach(consumer: Consumer): void
  /** It was not ready and is now. */
  wake(consumer: Consumer): void
  /**
   * Hands one message to a taker that is no consumer, in order of calls: `deliver` once, perhaps
   * later when the disk is to be read, or `empty`.
   */
  pull(taker: Taker): void
  /** Each delivery is settled once; protocols see to that. */
  settle(lane: number, offset: Offset, settlement: Settlement): void
  /** All of a range in one lane, both ends included. All of it is delivered and unsettled. */
  settleRange(lane: number, first: Offset, last: Offset, settlement: Settlement): void
  /** Forgets ready messages and says how many there were. */
  purge(): number
  /** Goes back, or ahead, to a time or offset: what is readable from there on is ready again. */
  seek(target: SeekTarget): Promise<void>
  /** Whether who looks through the queue sees it: it is not settled, or what is settled is kept. */
  isVisible(lane: number, offset: Offset): boolean
}

export interface Taker {
  readonly isAutoAccepted: boolean
  readonly sessionId: number
  deliver: Consumer['deliver']
  empty(): void
}

export type SeekTarget =
  | { readonly kind: 'first' | 'next' }
  | { readonly kind: 'offset'; readonly lane: number; readonly offset: Offset }
  | { readonly kind: 'time'; readonly millis: number }

/** Since the broker started, for lists. */
export type QueueCounters = {
  published: number
  delivered: number
  /** Of those, settled as they were handed out. */
  autoAccepted: number
  redelivered: number
  accepted: number
  requeued: number
  died: number
}

export const queueCounters = (): QueueCounters => ({
  published: 0,
  delivered: 0,
  autoAccepted: 0,
  redelivered: 0,
  accepted: 0,
  requeued: 0,
  died: 0,
})
