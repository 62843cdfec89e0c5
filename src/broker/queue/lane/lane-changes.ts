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

/** Of all lanes that have none; nothing is ever put in. */
const NONE: number[] = []

/** What changed in one lane since its last event. Takes no memory of its own in most turns. */
export class LaneChanges {
  #isChanged = false
  #seek = -1
  /** The range that was settled last; most turns settle no other. -1: none was. */
  #first = -1
  #last = -1
  /** First and last offset of those before, in the order they were settled, [first, last, …]. */
  #settled = NONE
  /** Went out again or came back, once or more: the event says which of both it is now. */
  #moved = NONE
  /** Ranges that go before all others. */
  #front = NONE

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
    if (this.#first < 0) this.#first = first
    else if (this.#first === last + 1) {
      this.#first = first
      return
    } else if (this.#last !== first - 1) {
      if (this.#settled === NONE) this.#settled = []
      this.#settled.push(this.#first, this.#last)
      this.#first = first
    }
    this.#last = last
  }

  moved(offset: number): void {
    if (this.#moved === NONE) this.#moved = []
    this.#moved.push(offset)
  }

  fronted(offset: number): void {
    if (this.#front === NONE) this.#front = []
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
    this.#forget()
    this.#seek = offset
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
    this.#writeSettled(writer, facts.handedOutEnd)
    if (this.#moved.length > 0) this.#writeMoved(writer, facts)
    else {
      writer.int(0)
      writer.int(0)
    }
    if (bytes >= 0) writer.int(bytes)
    this.#isChanged = false
    this.#forget()
  }

  #forget(): void {
    this.#seek = -1
    this.#first = -1
    this.#settled = NONE
    this.#moved = NONE
    this.#front = NONE
  }

  #writeSettled(writer: EventWriter, base: number): void {
    if (this.#settled.length > 0) {
      this.#settled.push(this.#first, this.#last)
      return writeRanges(writer, this.#settled, base)
    }
    writer.int(this.#first < 0 ? 0 : 1)
    if (this.#first < 0) return
    writer.int(this.#first - base)
    writer.int(this.#last - this.#first)
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
