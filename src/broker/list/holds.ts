import type { Offset } from '../../lib/brand.ts'
import {
  accept,
  type Agenda,
  type Due,
  NEVER,
  type QueueState,
  requeueCounted,
  type Settlement,
} from '../queue/index.ts'

type Hold = {
  readonly lane: number
  readonly offset: Offset
  readonly holder: number
  readonly until: number
}

/**
 * What was popped from a list with a visibility timeout: out with who popped it, until that one
 * asks for more. When it takes too long, or is gone, it comes back and counts.
 */
export class Holds implements Due {
  dueAt = NEVER
  heapIndex = -1
  readonly #queue: QueueState
  readonly #agenda: Agenda
  /** In the order in which they were popped. */
  readonly #held = new Set<Hold>()

  constructor(queue: QueueState, agenda: Agenda) {
    this.#queue = queue
    this.#agenda = agenda
  }

  get count(): number {
    return this.#held.size
  }

  add(lane: number, offset: number, holder: number, timeoutMs: number): void {
    const until = this.#queue.host.now() + timeoutMs
    this.#held.add({ lane, offset: offset as Offset, holder, until })
    this.#agenda.add(this, until)
  }

  /** All that it holds is done. */
  done(holder: number): void {
    for (const hold of this.#held) if (hold.holder === holder) this.#settle(hold, accept)
  }

  /** It is gone, and what it holds comes back. */
  gone(holder: number): void {
    for (const hold of this.#held) if (hold.holder === holder) this.#settle(hold, requeueCounted)
  }

  /** Those that are asked about are done, so many at most; says how many. */
  doneWhere(most: number, isWanted: (lane: number, offset: number) => boolean): number {
    let count = 0
    for (const hold of this.#held) {
      if (count >= most) break
      if (!isWanted(hold.lane, hold.offset)) continue
      this.#settle(hold, accept)
      count++
    }
    return count
  }

  due(now: number): void {
    if (this.#queue.isDeleted) return
    for (const hold of this.#held) {
      // Those that came later have more time, unless a policy changed.
      if (hold.until > now) return this.#agenda.add(this, hold.until)
      this.#settle(hold, requeueCounted)
    }
  }

  #settle(hold: Hold, settlement: Settlement): void {
    this.#held.delete(hold)
    this.#queue.settle(hold.lane, hold.offset, settlement)
  }
}
