import type { Offset } from '../../../lib/brand.ts'
import type { Log } from '../../../log/store.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'

/** What `next` found: a message in the view, nothing, or that the disk has to be read first. */
export type LaneAnswer = 'message' | 'empty' | 'loading'

/**
 * One log of a queue. Offsets below `floor` are settled. Between the floor and the cursor, each is
 * settled (a bit in a window), back and ready again (in a heap), waiting for its time, or out with
 * somebody. From the cursor on, all is ready. A message that is out costs a bit, not an object.
 *
 * What changes is durable in two steps: it holds at once for who is handed what, and becomes an
 * event, one for each lane and turn, in the `journal` phase of the turn. Only `evolve` changes what
 * is restored after a start; offsets handed out and not settled before it come back with a count.
 */
export interface Lane {
  readonly index: number
  readonly log: Log
  /** All below is settled. */
  readonly floor: Offset
  /** All from here on was never handed out. */
  readonly cursor: Offset
  /** Ready now: what came back, and what is confirmed behind the cursor. */
  readonly readyCount: number
  /**
   * Bytes of bodies of what is ready or waits for its time, exact while the log was written through
   * the queue. Kept only where it was asked for.
   */
  readonly readyBytes: number
  /** Handed out and neither settled nor back. */
  readonly unsettledCount: number

  /**
   * The next ready message, seen through `view`, without taking it. `loading`: `onLoaded` will be
   * called, in a turn of its own, when asking again makes sense.
   */
  next(view: StoredMessage): LaneAnswer
  /** How often the message `next` found was handed out before. */
  readonly nextCount: number
  /** Takes what `next` found: it is out. */
  take(): void
  /** Takes and settles in one step. */
  takeSettled(): void

  settle(offset: Offset): void
  settleRange(first: Offset, last: Offset): void
  /** It is ready again, at its place, with that count of hand-outs; not before `readyAt`. */
  giveBack(offset: Offset, count: number, readyAt: number | null): void
  /** How often a message that is out was handed out before this time. */
  countOf(offset: Offset): number
  /** Settles all that is ready; the number of messages. */
  purge(): number
  /** From here on everything readable is ready, and nothing below; what is out is forgotten. */
  seek(offset: Offset): void
  /**
   * A message that is out, read again: for dead letters. False when its log has lost it. The view
   * is the caller's own if it may have to be read from the disk.
   */
  read(offset: Offset, view: StoredMessage): boolean | Promise<boolean>
  /** When the earliest of those that wait for their time is ready, or null. */
  readonly readyAtNext: number | null
  /** Those whose time has come are ready. */
  advanceTime(now: number): void
}
