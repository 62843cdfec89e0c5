import type { Offset } from '../../lib/brand.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import type { Queue } from './queue.ts'

/**
 * One message handed out. A view: one object is used for all, valid during `deliver` only. So are
 * the bytes it shows, but for bodies above `limits.lentBodyBytesMax`, which may be referred to.
 */
export interface Delivery {
  readonly queue: Queue
  /** With the offset, what names the delivery when it is settled. */
  readonly lane: number
  readonly offset: Offset
  /** How often it was handed out before. */
  readonly count: number
  /** How many of these count towards the delivery limit. */
  readonly failures: number
  readonly message: StoredMessage
  /** Ready messages left behind it. */
  readonly readyCount: number
}

/** Who takes messages: a protocol's consumer. Called synchronously, at the end of turns. */
export interface Consumer {
  /** Unique in the broker; shown in lists. */
  readonly name: string
  /** False while it has no credit or its peer reads too slowly; then `queue.wake` goes on. */
  readonly isReady: boolean
  /** Who is connected, for exclusive queues and for lists. */
  readonly sessionId: number
  deliver(delivery: Delivery): void
  /** The queue is gone, or the consumer took too long: nothing more will come. */
  cancelled(reason: 'deleted' | 'timeout' | 'failed-over'): void
  /** Of a single-active or exclusive queue: whether it is the one now. */
  activated?(isActive: boolean): void
}

export type ConsumerOptions = {
  /** Settled as soon as it is handed out. */
  readonly isAutoAccepted: boolean
  readonly isExclusive: boolean
  /** Higher ones are served first while they are ready. */
  readonly priority: number
}

/**
 * What became of a delivery. `accept`: done. `requeue`: again, to anybody, at its place; whether
 * that counts towards the delivery limit says `isCounted`. `reject`: not again; it goes where the
 * queue's dead letters go.
 */
export type Settlement =
  | { readonly kind: 'accept' }
  | { readonly kind: 'requeue'; readonly isCounted: boolean }
  | { readonly kind: 'reject' }

export const accept: Settlement = { kind: 'accept' }
export const reject: Settlement = { kind: 'reject' }
export const requeue: Settlement = { kind: 'requeue', isCounted: false }
export const requeueCounted: Settlement = { kind: 'requeue', isCounted: true }
