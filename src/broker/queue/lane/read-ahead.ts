import { Blocks } from '../../../lib/blocks.ts'
import { limits } from '../../../limits/limits.ts'

/** Who holds batches that were read before they were wanted. */
export interface Holder {
  /** Lets go of them; they are read again when they are wanted. */
  drop(): void
}

/** Bounds what all lanes hold together: who read longest ago lets go first. */
export class ReadAhead {
  /** Of rooms that were emptied, for others. */
  readonly blocks = new Blocks(limits.freeReadAheadBytesMax)
  readonly #bytesMax: number
  readonly #bytesOf = new Map<Holder, number>()
  #bytes = 0

  constructor(bytesMax: number = limits.readAheadBytesMax) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** In place of what it held before. The others may have to drop theirs. */
  hold(holder: Holder, bytes: number): void {
    this.release(holder)
    this.#bytesOf.set(holder, bytes)
    this.#bytes += bytes
    while (this.#bytes > this.#bytesMax) {
      const [oldest] = this.#bytesOf.keys()
      if (oldest === undefined || oldest === holder) return
      oldest.drop()
    }
  }

  release(holder: Holder): void {
    const bytes = this.#bytesOf.get(holder)
    if (bytes === undefined) return
    this.#bytesOf.delete(holder)
    this.#bytes -= bytes
  }
}
