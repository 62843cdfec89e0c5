import type { Offset } from '../../../lib/brand.ts'
import { limits } from '../../../limits/limits.ts'
import type { Log } from '../../../log/store.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { SharedBodies } from '../../bodies/index.ts'
import type { EventWriter } from './event-writer.ts'
import { LaneBytes } from './lane-bytes.ts'
import { LaneChanges, type LaneFacts } from './lane-changes.ts'
import { forgetRange, type LaneState } from './lane-state.ts'
import type { Lane, LaneAnswer } from './lane.ts'
import { LogReader } from './log-reader.ts'
import { OffsetHeap, TimedHeap } from './offset-heap.ts'
import type { OffsetSet } from './offset-set.ts'
import type { ReadAhead } from './read-ahead.ts'
import { readMessage } from './read-message.ts'

export type LaneParts = {
  readonly index: number
  readonly log: Log
  /** What was restored. Only its `evolve` changes it; the lane reads it once, when it is made. */
  readonly state: LaneState
  /** Shared by all lanes of the broker. */
  readonly readAhead: ReadAhead
  /** Where bodies lie that are stored once for several logs; absent where there are none. */
  readonly bodies?: SharedBodies | undefined
  /**
   * There is something to journal: called once, until `writeEvent`. The owner calls that in the
   * `journal` phase of the turn, journals the bytes with its own address in front, and hands them
   * to `state.evolve` from its own `evolve`.
   */
  onChanged(lane: LogLane): void
  /** `next` may be asked again. Called between turns. */
  onLoaded(lane: LogLane): void
  /** A batch could not be read. After a failure of the disk `next` tries again when asked. */
  onFailed(lane: LogLane, error: unknown): void
}

/**
 * A lane over the records of a log. Everything holds at once, for who is handed what; what is
 * restored after a start follows with the event of the turn.
 *
 *   settled │ out, back, or settled out of order │ ready, confirmed │ not confirmed
 *           floor                                cursor             log.confirmedEnd
 */
export class LogLane implements Lane, LaneFacts {
  readonly index: number
  readonly log: Log
  readonly #parts: LaneParts
  readonly #state: LaneState
  readonly #settled: OffsetSet
  #cursor: number
  /** Of those that are out: how often they were handed out before, where that is not never. */
  readonly #counts = new Map<number, number>()
  /** Of those that came back, ready or waiting: how often they were handed out. */
  readonly #back = new Map<number, number>()
  readonly #ready = new OffsetHeap()
  readonly #waiting = new TimedHeap()
  readonly #readyAt = new Map<number, number>()
  readonly #changes = new LaneChanges()
  #bytes: LaneBytes | null = null
  /** Made when there is something to read. */
  #ahead: LogReader | null = null
  /** Reads what came back. Made when something did. */
  #behind: LogReader | null = null
  #nextOffset = -1
  #nextCount = 0
  #isNextBack = false
  #nextBytes = 0

  constructor(parts: LaneParts) {
    this.index = parts.index
    this.log = parts.log
    this.#parts = parts
    this.#state = parts.state
    this.#settled = parts.state.settled.copy()
    this.#cursor = parts.state.handedOutEnd
    if (parts.state.unsettledBytes >= 0) this.#bytes = new LaneBytes(parts.state.unsettledBytes)
    // A log that is not written anywhere begins anew with the process.
    if (this.#cursor > parts.log.endOffset) this.seek(parts.log.startOffset)
    else
      parts.state.eachReturned((offset, count, readyAt) => {
        this.#back.set(offset, count)
        if (readyAt === undefined) this.#ready.push(offset)
        else this.#wait(offset, readyAt)
      })
  }

  get floor(): Offset {
    return this.#settled.floor
  }

  get cursor(): Offset {
    return this.#cursor as Offset
  }

  /** The log may be truncated here: nothing below will be asked for, after a crash neither. */
  get releasable(): Offset {
    return Math.min(this.#state.settled.floor, this.floor, this.log.confirmedEnd) as Offset
  }

  get readyCount(): number {
    const ahead = this.log.confirmedEnd - this.#cursor
    return this.#ready.count + (ahead > 0 ? ahead : 0)
  }

  /** What waits for its time counts as ready here. */
  get readyBytes(): number {
    return this.#bytes?.ready ?? 0
  }

  get unsettledCount(): number {
    const { floor, aheadCount } = this.#settled
    return Math.max(0, this.#cursor - floor - aheadCount - this.#back.size)
  }

  /** Came back and wait for their time. */
  get waitingCount(): number {
    return this.#waiting.count
  }

  get hasChanges(): boolean {
    return this.#changes.isChanged
  }

  next(view: StoredMessage): LaneAnswer {
    if (this.#ready.count > 0) {
      const answer = this.#nextBack(view)
      if (answer !== 'empty') return answer
    }
    const { confirmedEnd, startOffset } = this.log
    if (this.#cursor < startOffset) this.#skip(startOffset)
    if (this.#cursor >= confirmedEnd) {
      this.#ahead?.rest()
      return 'empty'
    }
    if (this.unsettledCount >= limits.laneUnsettledMax) return 'empty'
    this.#ahead ??= this.#reader()
    const answer = this.#ahead.find(this.#cursor, view)
    if (answer === 'loading') return 'loading'
    if (answer === 'empty' || view.offset >= confirmedEnd) {
      this.#skip(confirmedEnd)
      return 'empty'
    }
    if (view.offset > this.#cursor) this.#skip(view.offset)
    this.#nextOffset = view.offset
    this.#nextCount = 0
    this.#isNextBack = false
    this.#nextBytes = view.bodyEnd - view.bodyStart
    return 'message'
  }

  get nextCount(): number {
    return this.#nextCount
  }

  take(): void {
    const offset = this.#nextOffset
    if (this.#isNextBack) {
      this.#takeBack(offset)
      if (this.#nextCount > 0) this.#counts.set(offset, this.#nextCount)
      this.#changes.moved(offset)
    } else this.#cursor = offset + 1
    this.#bytes?.taken(offset, this.#nextBytes)
    this.#changed()
  }

  takeSettled(): void {
    const offset = this.#nextOffset
    if (this.#isNextBack) this.#takeBack(offset)
    else this.#cursor = offset + 1
    if (this.#bytes !== null) {
      this.#bytes.taken(offset, this.#nextBytes)
      this.#bytes.settled(offset, offset)
    }
    this.#settle(offset, offset)
  }

  settle(offset: Offset): void {
    if (!this.#isOut(offset)) return // Forgotten by `seek`.
    if (this.#counts.size > 0) this.#counts.delete(offset)
    this.#bytes?.settled(offset, offset)
    this.#settle(offset, offset)
  }

  settleRange(first: Offset, last: Offset): void {
    const from = Math.max(first, this.#settled.floor)
    const to = Math.min(last, this.#cursor - 1)
    if (to < from) return
    if (this.#back.size > 0) {
      for (let offset = from; offset <= to; offset++) this.settle(offset as Offset)
      return
    }
    if (this.#counts.size > 0) forgetRange(this.#counts, from, to)
    this.#bytes?.settled(from, to)
    this.#settle(from, to)
  }

  giveBack(offset: Offset, count: number, readyAt: number | null): void {
    if (!this.#isOut(offset)) return
    this.#counts.delete(offset)
    this.#back.set(offset, count)
    if (readyAt === null) this.#ready.push(offset)
    else this.#wait(offset, readyAt)
    this.#bytes?.back(offset)
    this.#changes.moved(offset)
    this.#changed()
  }

  countOf(offset: number): number {
    return this.#counts.get(offset) ?? 0
  }

  /** Takes what is appended, though not confirmed, along. */
  purge(): number {
    const { endOffset } = this.log
    const ahead = Math.max(0, endOffset - this.#cursor)
    const purged = this.#ready.count + ahead
    if (purged === 0) return 0
    const back: number[] = []
    while (this.#ready.count > 0) {
      const offset = this.#ready.first
      this.#takeBack(offset)
      this.#settle(offset, offset)
      back.push(offset)
    }
    if (ahead > 0) this.#skip(endOffset)
    this.#bytes?.purged(this.#readyAt.keys(), back)
    return purged
  }

  seek(offset: Offset): void {
    const { startOffset, confirmedEnd } = this.log
    const start = Math.max(startOffset, Math.min(offset, confirmedEnd))
    this.#settled.reset(start)
    this.#cursor = start
    this.#counts.clear()
    this.#back.clear()
    this.#ready.clear()
    this.#waiting.clear()
    this.#readyAt.clear()
    this.#ahead?.rest()
    this.#behind?.rest()
    if (this.#bytes !== null) this.#bytes = new LaneBytes(this.#estimatedBytes())
    this.#changes.seek(start)
    this.#changed()
  }

  /** The view has to be the caller's own when the answer is a promise: others go on meanwhile. */
  read(offset: Offset, view: StoredMessage): boolean | Promise<boolean> {
    return readMessage(this.log, this.#parts.bodies ?? null, offset, view)
  }

  get readyAtNext(): number | null {
    return this.#waiting.count === 0 ? null : this.#waiting.time
  }

  advanceTime(now: number): void {
    while (this.#waiting.count > 0 && this.#waiting.time <= now) {
      const offset = this.#waiting.first
      this.#waiting.shift()
      this.#readyAt.delete(offset)
      this.#ready.push(offset)
    }
  }

  /** From now on `readyBytes` is kept. What is there already is estimated. */
  trackBytes(): void {
    if (this.#bytes !== null) return
    this.#bytes = new LaneBytes(this.#estimatedBytes())
    this.#changed()
  }

  /** A message with such a body will be in the log at the end of the turn. */
  appended(bodyBytes: number): void {
    if (this.#bytes === null) return
    this.#bytes.appended(bodyBytes)
    this.#changed()
  }

  /** Nobody takes anything for a while: what was read ahead need not be kept. */
  rest(): void {
    this.#ahead?.rest()
    this.#behind?.rest()
  }

  /** What changed since the last event: to be called when there are changes. */
  writeEvent(writer: EventWriter): void {
    this.#correctBytes()
    this.#changes.write(writer, this)
  }

  get handedOutEnd(): number {
    return this.#cursor
  }

  get unsettledBytes(): number {
    return this.#bytes?.unsettled ?? -1
  }

  isSettled(offset: number): boolean {
    return this.#settled.has(offset)
  }

  backCount(offset: number): number | undefined {
    return this.#back.get(offset)
  }

  readyAt(offset: number): number | undefined {
    return this.#readyAt.get(offset)
  }

  #nextBack(view: StoredMessage): LaneAnswer {
    this.#behind ??= this.#reader()
    while (this.#ready.count > 0) {
      const offset = this.#ready.first
      const isKept = offset >= this.log.startOffset
      const answer = isKept ? this.#behind.find(offset, view) : 'empty'
      if (answer === 'loading') return 'loading'
      if (answer === 'message' && view.offset === offset) {
        this.#nextOffset = offset
        this.#nextCount = this.#back.get(offset)!
        this.#isNextBack = true
        this.#nextBytes = view.bodyEnd - view.bodyStart
        return 'message'
      }
      this.#takeBack(offset) // Its log has lost it.
      this.#bytes?.lost(offset)
      this.#settle(offset, offset)
    }
    this.#behind.rest()
    return 'empty'
  }

  #takeBack(offset: number): void {
    this.#ready.shift()
    this.#back.delete(offset)
  }

  #isOut(offset: number): boolean {
    if (offset >= this.#cursor || this.#settled.has(offset)) return false
    return this.#back.size === 0 || !this.#back.has(offset)
  }

  #settle(first: number, last: number): void {
    this.#settled.add(first, last)
    this.#changes.settled(first, last)
    this.#changed()
  }

  /** There is nothing to hand out from the cursor up to `to`: retention, compaction, a purge. */
  #skip(to: number): void {
    const from = this.#cursor
    this.#cursor = to
    this.#settle(from, to - 1)
  }

  #changed(): void {
    if (this.#changes.note()) this.#parts.onChanged(this)
  }

  #wait(offset: number, readyAt: number): void {
    this.#waiting.push(readyAt, offset)
    this.#readyAt.set(offset, readyAt)
  }

  #reader(): LogReader {
    const { log, readAhead, bodies = null } = this.#parts
    const onLoaded = () => this.#parts.onLoaded(this)
    const onFailed = (error: unknown) => this.#parts.onFailed(this, error)
    return new LogReader({ log, readAhead, bodies, onLoaded, onFailed })
  }

  /** All is settled: whatever was counted wrongly is put right. */
  #correctBytes(): void {
    if (this.#bytes === null || this.#settled.floor < this.log.endOffset) return
    if (!this.#bytes.isZero) this.#bytes = new LaneBytes(0)
  }

  #estimatedBytes(): number {
    const { startOffset, endOffset, sizeBytes } = this.log
    const unsettled = endOffset - this.#settled.floor - this.#settled.aheadCount
    const all = endOffset - startOffset
    return all <= 0 ? 0 : Math.round((sizeBytes * Math.max(0, unsettled)) / all)
  }
}
