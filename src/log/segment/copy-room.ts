import { givenBack } from '../../lib/given-back.ts'
import type { ReadRoom } from '../store.ts'
import { WINDOW_BYTES } from './reader.ts'

/** So few windows that little is written at a time, so many that it is not in small pieces. */
const ROOM_BYTES = 4 * WINDOW_BYTES

/** What runs are copied through, while there are some: most of the time there are none. */
export class CopyRoom implements ReadRoom {
  readonly isCheckedLater = false
  #bytes: Buffer | null = null
  #at = 0

  /** The next window may not fit: what is in it has to be written first. */
  get isFull(): boolean {
    return this.#at + WINDOW_BYTES > ROOM_BYTES
  }

  /** What is larger than what is left lies elsewhere. */
  take(sizeBytes: number): Buffer {
    if (this.#at + sizeBytes > ROOM_BYTES) return Buffer.allocUnsafeSlow(sizeBytes)
    this.#bytes ??= Buffer.allocUnsafeSlow(ROOM_BYTES)
    const start = this.#at
    this.#at += sizeBytes
    return this.#bytes.subarray(start, this.#at)
  }

  /** Everything that was read into it is written. */
  startOver(): void {
    if (this.#bytes !== null) givenBack(this.#bytes, 0, this.#at)
    this.#at = 0
  }

  /** Nothing is copied for now. */
  letGo(): void {
    this.startOver()
    this.#bytes = null
  }
}
