import { limits } from '../../limits/limits.ts'

/** Segment files that this process wrote last: reads of them mostly do not come from the disk. */
export class FreshFiles {
  /** In the order in which they were written. */
  readonly #sizes = new Map<number, number>()
  #bytes = 0

  has(file: number): boolean {
    return this.#sizes.has(file)
  }

  add(file: number, sizeBytes: number): void {
    this.#sizes.set(file, sizeBytes)
    this.#bytes += sizeBytes
    for (const [oldest, bytes] of this.#sizes) {
      if (this.#bytes <= limits.freshSegmentBytesMax) return
      this.#sizes.delete(oldest)
      this.#bytes -= bytes
    }
  }
}
