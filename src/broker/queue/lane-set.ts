import type { StoredMessage } from '../../message/stored-message.ts'
import type { LaneAnswer, LogLane } from './lane/index.ts'

/** A lane of several that are equal has so many messages until the next one's turn. */
const MESSAGES_PER_LANE = 16

/** The lanes of a queue, and whose message is next. */
export class LaneSet {
  /** By their number. */
  all: readonly LogLane[] = []
  /** Whose message `next` found. */
  found: LogLane | null = null
  /** The highest level first; null while all are equal. */
  #byLevel: { readonly level: number; readonly lane: LogLane }[] | null = null
  #at = 0
  #left = MESSAGES_PER_LANE

  /** `level` is null when lanes are equal. */
  add(lane: LogLane, level: number | null): void {
    this.all = [...this.all, lane]
    this.found ??= lane
    if (level === null) return
    this.#byLevel ??= []
    this.#byLevel.push({ level, lane })
    this.#byLevel.sort((one, other) => other.level - one.level)
  }

  /** In the order in which they are handed out; that of equal ones changes all the time. */
  *inOrder(): Generator<LogLane> {
    if (this.#byLevel === null) yield* this.all
    else for (const { lane } of this.#byLevel) yield lane
  }

  /** Whose messages go before those of the others. */
  get first(): LogLane {
    return this.#byLevel?.[0]!.lane ?? this.all[0]!
  }

  /** The next ready message, seen through the view, without taking it. */
  next(view: StoredMessage): LaneAnswer {
    const { all } = this
    if (all.length === 1) return all[0]!.next(view)
    return this.#byLevel === null ? this.#nextInTurn(view) : this.#nextByLevel(view)
  }

  /** A message of a lower level never passes one of a higher level that is still on the disk. */
  #nextByLevel(view: StoredMessage): LaneAnswer {
    for (const { lane } of this.#byLevel!) {
      const answer = lane.next(view)
      if (answer === 'empty') continue
      this.found = lane
      return answer
    }
    return 'empty'
  }

  #nextInTurn(view: StoredMessage): LaneAnswer {
    const { all } = this
    let isLoading = false
    if (this.#left-- === 0) this.#step()
    for (let tried = 0; tried < all.length; tried++) {
      const lane = all[this.#at]!
      const answer = lane.next(view)
      if (answer === 'message') {
        this.found = lane
        return answer
      }
      if (answer === 'loading') isLoading = true
      this.#step()
    }
    return isLoading ? 'loading' : 'empty'
  }

  #step(): void {
    this.#at = (this.#at + 1) % this.all.length
    this.#left = MESSAGES_PER_LANE
  }

  get readyCount(): number {
    let count = 0
    for (const lane of this.all) count += lane.readyCount
    return count
  }

  get readyBytes(): number {
    let bytes = 0
    for (const lane of this.all) bytes += lane.readyBytes
    return bytes
  }

  get unsettledCount(): number {
    let count = 0
    for (const lane of this.all) count += lane.unsettledCount
    return count
  }

  /** When the first of those that wait for their time is ready, or null. */
  get readyAtNext(): number | null {
    let earliest: number | null = null
    for (const { readyAtNext } of this.all)
      if (readyAtNext !== null && (earliest === null || readyAtNext < earliest))
        earliest = readyAtNext
    return earliest
  }
}
