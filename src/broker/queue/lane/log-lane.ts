import type { Offset } from '../../../lib/brand.ts'
import { limits } from '../../../limits/limits.ts'
import type { Log } from '../../../log/store.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { SharedBodies } from '../../bodies/index.ts'
import { BatchRoom } from './batch-room.ts'
import type { EventWriter } from './event-writer.ts'
import { LaneOffsets } from './lane-offsets.ts'
import type { LaneState } from './lane-state.ts'
import type { Lane, LaneAnswer } from './lane.ts'
import { LogReader } from './log-reader.ts'
import { NowReader } from './now-reader.ts'
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
export class LogLane implements Lane {
  readonly index: number
  readonly log: Log
  /** What became of each offset. */
  readonly offsets: LaneOffsets
  readonly #parts: LaneParts
  readonly #state: LaneState
  /** Made when there is something to read. */
  #ahead: LogReader | null = null
  /** Reads what came back. Made when something did. */
  #behind: LogReader | null = null
  /** Read at once, at the two ends. Made when somebody does. */
  #first: NowReader | null = null
  #last: NowReader | null = null
  #nextOffset = -1
  #nextCount = 0
  #nextBytes = 0

  constructor(parts: LaneParts) {
    this.index = parts.index
    this.log = parts.log
    this.#parts = parts
    this.#state = parts.state
    this.offsets = new LaneOffsets(parts.log, parts.state, () => parts.onChanged(this))
    this.offsets.restore(parts.state)
  }

  get floor(): Offset {
    return this.offsets.settled.floor
  }

  get cursor(): Offset {
    return this.offsets.cursor as Offset
  }

  /** The log may be truncated here: nothing below will be asked for, after a crash neither. */
  get releasable(): Offset {
    return Math.min(this.#state.settled.floor, this.floor, this.log.confirmedEnd) as Offset
  }

  get readyCount(): number {
    return this.offsets.readyCountTo(this.log.confirmedEnd)
  }

  /** Ready but for that it is not confirmed, or waits to be appended: so many wait. */
  arrivingCount(waitingCount: number): number {
    const { endOffset } = this.log
    return this.offsets.readyCountTo(endOffset + waitingCount) - this.readyCount
  }

  /** What waits for its time counts as ready here. */
  get readyBytes(): number {
    return this.offsets.bytes?.ready ?? 0
  }

  get unsettledCount(): number {
    return this.offsets.outCount
  }

  /** Of all bodies that are not settled; -1 where it is not kept. */
  get unsettledBytes(): number {
    return this.offsets.unsettledBytes
  }

  /** Came back and wait for their time. */
  get waitingCount(): number {
    return this.offsets.waitingCount
  }

  get hasChanges(): boolean {
    return this.offsets.hasChanges
  }

  next(view: StoredMessage): LaneAnswer {
    const { offsets } = this
    if (offsets.detours !== null && offsets.detours.frontReady > 0) {
      const answer = this.#nextFront(view)
      if (answer !== 'empty') return answer
    }
    if (offsets.ready.count > 0) {
      const answer = this.#nextBack(view)
      if (answer !== 'empty') return answer
    }
    for (;;) {
      const answer = this.#nextAhead(view)
      if (answer !== 'message' || offsets.detours === null) return answer
      if (!offsets.detours.isHole(view.offset)) return answer
    }
  }

  get nextCount(): number {
    return this.#nextCount
  }

  take(): void {
    const offset = this.#nextOffset
    this.offsets.take(offset)
    this.offsets.bytes?.taken(offset, this.#nextBytes)
  }

  takeSettled(): void {
    this.takeOut(this.#nextOffset, this.#nextBytes)
  }

  settle(offset: Offset): void {
    this.offsets.settleOut(offset)
  }

  settleRange(first: Offset, last: Offset): void {
    this.offsets.settleOutRange(first, last)
  }

  giveBack(offset: Offset, count: number, readyAt: number | null): void {
    this.offsets.giveBack(offset, count, readyAt)
  }

  countOf(offset: number): number {
    return this.offsets.countOf(offset)
  }

  /** Takes what is appended, though not confirmed, along. */
  purge(): number {
    return this.offsets.purge()
  }

  seek(offset: Offset): void {
    const { startOffset, confirmedEnd } = this.log
    this.offsets.seek(Math.max(startOffset, Math.min(offset, confirmedEnd)))
    this.rest()
  }

  /** The view has to be the caller's own when the answer is a promise: others go on meanwhile. */
  read(offset: Offset, view: StoredMessage): boolean | Promise<boolean> {
    return readMessage(this.log, this.#parts.bodies ?? null, offset, view)
  }

  get readyAtNext(): number | null {
    return this.offsets.readyAtNext
  }

  advanceTime(now: number): void {
    this.offsets.advanceTime(now)
  }

  /** From now on `readyBytes` is kept. What is there already is estimated. */
  trackBytes(): void {
    this.offsets.trackBytes()
  }

  /** A message with such a body will be in the log at the end of the turn. */
  appended(bodyBytes: number): void {
    const { bytes } = this.offsets
    if (bytes === null) return
    bytes.appended(bodyBytes)
    this.offsets.changed()
  }

  /** Nobody takes anything for a while: what was read ahead need not be kept. */
  rest(): void {
    this.#ahead?.rest()
    this.#behind?.rest()
    this.#first?.drop()
    this.#last?.drop()
  }

  /** What changed since the last event: to be called when there are changes. */
  writeEvent(writer: EventWriter): void {
    this.offsets.writeEvent(writer)
  }

  isSettled(offset: number): boolean {
    return this.offsets.isSettled(offset)
  }

  /**
   * Shows, at once, what was appended: one reader goes along with those who take the first, one
   * with those who take the last. False: its log has lost it, or nobody can read it.
   */
  showNow(offset: number, view: StoredMessage, isLast: boolean): boolean {
    const reader = isLast ? (this.#last ??= this.#nowReader()) : (this.#first ??= this.#nowReader())
    return reader.show(offset, view)
  }

  /** Settles what is ready, wherever it stands; with the bytes of its body. */
  takeOut(offset: number, bodyBytes: number): void {
    const { offsets } = this
    if (offsets.bytes !== null) {
      offsets.bytes.taken(offset, bodyBytes)
      offsets.bytes.settled(offset, offset)
    }
    offsets.takeSettled(offset)
  }

  /** What is ready, wherever it stands, goes out. */
  takeAway(offset: number, bodyBytes: number): void {
    this.offsets.take(offset)
    this.offsets.bytes?.taken(offset, bodyBytes)
  }

  /** What goes before all others and is confirmed. */
  #nextFront(view: StoredMessage): LaneAnswer {
    const detours = this.offsets.detours!
    try {
      for (;;) {
        const offset = detours.topOfFront(this.log.confirmedEnd)
        if (offset < 0) return 'empty'
        if (this.showNow(offset, view, false)) return this.#found(offset, view)
        this.#lost(offset)
      }
    } catch (error) {
      this.#parts.onFailed(this, error)
      return 'loading'
    }
  }

  #nextBack(view: StoredMessage): LaneAnswer {
    const { ready } = this.offsets
    this.#behind ??= this.#reader()
    while (ready.count > 0) {
      const offset = ready.first
      // It was taken before the disk had it, and came back: the queue is asked again once it has.
      if (offset >= this.log.confirmedEnd) return 'loading'
      const isKept = offset >= this.log.startOffset
      const answer = isKept ? this.#behind.find(offset, view) : 'empty'
      if (answer === 'loading') return 'loading'
      if (answer === 'message' && view.offset === offset) {
        return this.#found(offset, view)
      }
      this.#lost(offset)
    }
    this.#behind.rest()
    return 'empty'
  }

  #nextAhead(view: StoredMessage): LaneAnswer {
    const { offsets } = this
    const { confirmedEnd, startOffset } = this.log
    if (offsets.detours !== null) offsets.passHoles(this.log.endOffset)
    if (offsets.cursor < startOffset) offsets.skip(startOffset)
    if (offsets.cursor >= confirmedEnd) {
      this.#ahead?.rest()
      return 'empty'
    }
    if (offsets.outCount >= limits.laneUnsettledMax) return 'empty'
    this.#ahead ??= this.#reader()
    const answer = this.#ahead.find(offsets.cursor, view)
    if (answer === 'loading') return 'loading'
    if (answer === 'empty' || view.offset >= confirmedEnd) {
      offsets.skip(confirmedEnd)
      return 'empty'
    }
    if (view.offset > offsets.cursor) offsets.skip(view.offset)
    return this.#found(view.offset, view)
  }

  #found(offset: number, view: StoredMessage): 'message' {
    this.#nextOffset = offset
    this.#nextCount = this.offsets.countOfReady(offset)
    this.#nextBytes = view.bodyEnd - view.bodyStart
    return 'message'
  }

  /** It was ready, and its log has lost it. */
  #lost(offset: number): void {
    this.offsets.bytes?.lost(offset)
    this.offsets.takeSettled(offset)
  }

  #nowReader(): NowReader {
    return new NowReader(this.log, this.#parts.readAhead, this.#parts.bodies ?? null)
  }

  #reader(): LogReader {
    const { log, readAhead, bodies = null } = this.#parts
    const onLoaded = () => this.#parts.onLoaded(this)
    const onFailed = (error: unknown) => this.#parts.onFailed(this, error)
    const room = new BatchRoom(readAhead.blocks)
    return new LogReader({ log, readAhead, bodies, room, onLoaded, onFailed })
  }
}
