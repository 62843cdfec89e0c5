import type { LogLane, QueueState } from '../queue/index.ts'

/** Offsets that are looked up at a time. */
const CHUNK = 1024

type Visit = (lane: LogLane, offset: number) => boolean

/** Where the ready messages of a queue lie, counted in the order in which they are handed out. */
export class Places {
  readonly #queue: QueueState
  readonly #only: LogLane | null

  constructor(queue: QueueState) {
    this.#queue = queue
    // Most queues have one lane; some get more when they are used.
    this.#only = queue.hasLevels || queue.lanes.all.length > 1 ? null : queue.lanes.all[0]!
  }

  /** Of all: appended or waiting to be. */
  get count(): number {
    const { lanes } = this.#queue
    if (this.#only !== null && lanes.all.length === 1) return this.#countIn(this.#only)
    let count = 0
    for (const lane of lanes.all) count += this.#countIn(lane)
    return count
  }

  /** Appends what waits for that. */
  flush(): void {
    for (const lane of this.#queue.lanes.all)
      if (this.#waiting(lane) > 0) return this.#queue.host.flush()
  }

  /** The one that has the first message, which is appended by then; null when there is none. */
  firstLane(): LogLane | null {
    const { lanes } = this.#queue
    if (this.#only !== null && lanes.all.length === 1) return this.#hasFirst(this.#only)
    for (const lane of lanes.inOrder()) if (this.#hasFirst(lane) !== null) return lane
    return null
  }

  lastLane(): LogLane | null {
    this.flush()
    const { lanes } = this.#queue
    let last: LogLane | null = null
    for (const lane of lanes.all.length === 1 ? lanes.all : lanes.inOrder())
      if (this.#countIn(lane) > 0) last = lane
    return last
  }

  /** In order, so many from a place on, as long as `visit` says true. All is appended. */
  each(from: number, count: number, visit: Visit): void {
    let skip = from
    let left = count
    for (const lane of this.#queue.lanes.inOrder()) {
      const here = this.#countIn(lane)
      if (skip >= here) {
        skip -= here
        continue
      }
      const wanted = Math.min(left, here - skip)
      if (!eachIn(lane, skip, wanted, visit)) return
      left -= wanted
      skip = 0
      if (left === 0) return
    }
  }

  /** Against the order, so many from a place back. */
  eachBack(from: number, count: number, visit: Visit): void {
    let left = count
    let end = from + 1
    while (left > 0) {
      const chunk = Math.min(left, CHUNK)
      const found: [LogLane, number][] = []
      this.each(end - chunk, chunk, (lane, offset) => found.push([lane, offset]) > 0)
      for (const [lane, offset] of found.reverse()) if (!visit(lane, offset)) return
      end -= chunk
      left -= chunk
    }
  }

  eachIn(lane: LogLane, from: number, count: number, visit: (offset: number) => void): void {
    eachIn(lane, from, count, (_lane, offset) => {
      visit(offset)
      return true
    })
  }

  /** The lane of a place, and how many are before its first; the last one for the very end. */
  laneAt(place: number): { readonly lane: LogLane; readonly before: number } {
    let before = 0
    let last = { lane: this.#queue.lanes.all[0]!, before: 0 }
    for (const lane of this.#queue.lanes.inOrder()) {
      const here = this.#countIn(lane)
      if (here > 0) last = { lane, before }
      if (place < before + here) return last
      before += here
    }
    return last
  }

  #countIn(lane: LogLane): number {
    return lane.offsets.readyCountTo(lane.log.endOffset + this.#waiting(lane))
  }

  #waiting(lane: LogLane): number {
    return this.#queue.host.packers.waitingCount(lane.log.id)
  }

  /** Null when there is none; else its first is appended. */
  #hasFirst(lane: LogLane): LogLane | null {
    const { offsets } = lane
    const waiting = this.#waiting(lane)
    const isFrontWaiting = waiting > 0 && offsets.detours !== null && offsets.detours.frontReady > 0
    if (!isFrontWaiting && offsets.first() >= 0) return lane
    if (waiting === 0) return null
    this.#queue.host.flush()
    return offsets.first() >= 0 ? lane : null
  }
}

/** False when `visit` said so. */
function eachIn(lane: LogLane, from: number, count: number, visit: Visit): boolean {
  const offsets = new Float64Array(Math.min(count, CHUNK))
  for (let done = 0; done < count; ) {
    const found = lane.offsets.collect(from + done, Math.min(count - done, CHUNK), offsets)
    if (found === 0) return true
    for (let index = 0; index < found; index++) if (!visit(lane, offsets[index]!)) return false
    done += found
  }
  return true
}
