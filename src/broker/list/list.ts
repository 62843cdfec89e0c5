import type { QueueState } from '../queue/index.ts'

import type { Side } from '../queue/index.ts'

export type { Side } from '../queue/index.ts'

/** One element, seen where it lies: valid until the next call on any list. Never written to. */
export class Element {
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0

  get sizeBytes(): number {
    return this.end - this.start
  }

  /** A copy that may be kept. */
  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(this.start, this.end))
  }

  isEqual(bytes: Buffer, start: number, end: number): boolean {
    if (end - start !== this.end - this.start) return false
    return this.bytes.compare(bytes, start, end, this.start, this.end) === 0
  }
}

/**
 * The ready messages of a queue, as a list: what was appended is seen at once, what is out with a
 * consumer or waits for its time is not. All of it is synchronous and part of the turn, so what is
 * done in one run of code is durable together. An object is good for one run: whoever comes back
 * later asks `Lists` again. Indexes count from the left and are in the list unless said otherwise.
 */
export interface List {
  /** What it is. */
  readonly queue: QueueState
  readonly namespace: string
  readonly name: string
  /** Ready messages. */
  readonly length: number

  /** Whether `push` would take so many elements with so many bytes together. */
  hasRoom(count: number, bytes: number): boolean
  /** Copies the bytes. False: the queue is full, and its policy says that it refuses. */
  push(side: Side, bytes: Buffer, start?: number, end?: number): boolean
  /**
   * Takes the element of an end. `holder` is who takes it (a session's id): with a visibility
   * timeout it is out, and settled by the holder's next pop. False: there is none.
   */
  pop(side: Side, element: Element, holder?: number): boolean
  /**
   * Takes the element of an end to an end of another list, or of this one, with the properties it
   * has. False: there is none. The other takes it whatever its limits: `hasRoom` says beforehand.
   */
  move(from: Side, to: List, side: Side, element: Element): boolean
  /** Negative indexes count from the right. False: there is none. */
  at(index: number, element: Element): boolean
  /** From `first` to `last`, both included, in either direction. */
  each(first: number, last: number, visit: (element: Element, index: number) => void): void
  /** The same message with other bytes. */
  set(index: number, bytes: Buffer, start?: number, end?: number): void
  /** A new element to the left of the one that is at `index` now; `length` appends at the right. */
  insert(index: number, bytes: Buffer, start?: number, end?: number): void
  /** Settles elements equal to the bytes: `count` from the left, -`count` from the right, 0 all. */
  remove(count: number, bytes: Buffer, start?: number, end?: number): number
  /** Settles all that is not from `first` to `last`, both included; all when `first > last`. */
  trim(first: number, last: number): void
}
