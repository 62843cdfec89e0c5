import type { EventWriter } from './event-writer.ts'
import { laneEvent } from './lane-state.ts'

/** What a lane has to say about offsets that were settled or moved, when its event is written. */
export interface LaneFacts {
  readonly handedOutEnd: number
  isSettled(offset: number): boolean
  /** Of an offset that came back; undefined when it is out. */
  backCount(offset: number): number | undefined
  readyAt(offset: number): number | undefined
  countOf(offset: number): number
  /** -1: not said. */
  readonly unsettledBytes: number
}

/** What changed in one lane since its last event. */
export class LaneChanges {
  #isChanged = false
  #seek = -1
  /** First and last offset of ranges in the order they were settled, [first, last, …]. */
  #settled: number[] = []
  /** Went out again or came back, once or more: the event says which of both it is now. */
  #moved: number[] = []
  /** Ranges that go before all others. */
  #front: number[] = []

  get isChanged(): boolean {
    return this.#isChanged
  }

  /** True when it is the first change: the event is to be asked for. */
  note(): boolean {
    if (this.#isChanged) return false
    this.#isChanged = true
    return true
  }

  settled(first: number, last: number): void {
    const settled = this.#settled
    const count = settled.length
    if (count > 0 && settled[count - 1] === first - 1) settled[count - 1] = last
    else if (count > 0 && settled[count - 2] === last + 1) settled[count - 2] = first
    else settled.push(first, last)
  }

  moved(offset: number): void {
    this.#moved.push(offset)
  }

  fronted(offset: number): void {
    const front = this.#front
    const count = front.length
    if (count > 0 && front[count - 1] === offset - 1) front[count - 1] = offset
    else front.push(offset, offset)
  }

  /** What was to be appended from `end` on was not. */
  unfronted(end: number): void {
    const kept: number[] = []
    for (let index = 0; index < this.#front.length; index += 2) {
      const last = Math.min(this.#front[index + 1]!, end - 1)
      if (this.#front[index]! <= last) kept.push(this.#front[index]!, last)
    }
    this.#front = kept
    this.#moved = this.#moved.filter(offset => offset < end)
  }

  /** What was before does not count any more. */
  seek(offset: number): void {
    this.#seek = offset
    this.#settled = []
    this.#moved = []
    this.#front = []
  }

  /** Writes the event that `LaneState.evolve` reads, and begins anew. */
  write(writer: EventWriter, facts: LaneFacts): void {
    const bytes = facts.unsettledBytes
    const isFronted = this.#front.length > 0
    writer.int(
      (this.#seek < 0 ? 0 : laneEvent.seek) |
        (bytes < 0 ? 0 : laneEvent.bytes) |
        (isFronted ? laneEvent.front : 0),
    )
    if (this.#seek >= 0) writer.int(this.#seek)
    writer.int(facts.handedOutEnd)
    if (isFronted) writeRanges(writer, this.#front, facts.handedOutEnd)
    writeRanges(writer, this.#settled, facts.handedOutEnd)
    this.#writeMoved(writer, facts)
    if (bytes >= 0) writer.int(bytes)
    this.#isChanged = false
    this.#seek = -1
    if (this.#settled.length > 0) this.#settled = []
    if (this.#moved.length > 0) this.#moved = []
    if (isFronted) this.#front = []
  }

  #writeMoved(writer: EventWriter, facts: LaneFacts): void {
    const moved = this.#moved.filter(offset => !facts.isSettled(offset))
    const out = moved.filter(offset => facts.backCount(offset) === undefined)
    writer.int(out.length)
    let at = facts.handedOutEnd
    for (const offset of out) {
      writer.int(offset - at)
      writer.int(facts.countOf(offset))
      at = offset
    }
    writer.int(moved.length - out.length)
    at = facts.handedOutEnd
    for (const offset of moved) {
      const count = facts.backCount(offset)
      if (count === undefined) continue
      writer.int(offset - at)
      writer.int(count)
      writer.int(facts.readyAt(offset) ?? 0)
      at = offset
    }
  }
}

/** [first, last, …]: how many, then of each the distance from the one before, and length - 1. */
function writeRanges(writer: EventWriter, ranges: readonly number[], base: number): void {
  writer.int(ranges.length / 2)
  let at = base
  for (let index = 0; index < ranges.length; index += 2) {
    const first = ranges[index]!
    const last = ranges[index + 1]!
    writer.int(first - at)
    writer.int(last - first)
    at = last + 1
  }
}
