import { assert } from '../../lib/assert.ts'
import { givenBack } from '../../lib/given-back.ts'
import { limits } from '../../limits/limits.ts'

/** Four batches of a megabyte fit but for their headers: of those, a quarter is never filled. */
const SLAB_BYTES = 4 * 1024 * 1024

/** Memory that the batches of one slot after another are copied into. */
export class Slab {
  readonly bytes: Buffer
  /** It is filled up to here. */
  at = 0
  /** Bodies that have batches in it. */
  users = 0

  constructor(sizeBytes: number) {
    // Pages that are not filled yet take no memory: the system gives them when they are touched.
    this.bytes = Buffer.allocUnsafeSlow(sizeBytes)
  }
}

/**
 * Slabs are filled one after the other, and used again once nobody has batches in them: memory
 * outside of the heap that came and went with every request would have it collected all the time.
 */
export class SlabPool {
  readonly #free: Slab[] = []
  #current: Slab | null = null

  /** The slab to go on with: one that has so much room. */
  withRoom(sizeBytes: number): Slab {
    const current = this.#current
    if (current !== null && current.at + sizeBytes <= current.bytes.length) return current
    if (sizeBytes > SLAB_BYTES) return new Slab(sizeBytes)
    this.#current = this.#free.pop() ?? new Slab(SLAB_BYTES)
    if (current?.users === 0) this.#keep(current)
    return this.#current
  }

  /** One body less has batches in the slab. */
  release(slab: Slab): void {
    assert(slab.users > 0, 'what is given back was taken')
    slab.users--
    if (slab.users > 0) return
    if (slab === this.#current) slab.at = 0
    else this.#keep(slab)
  }

  #keep(slab: Slab): void {
    slab.at = 0
    const isUsual = slab.bytes.length === SLAB_BYTES
    if (isUsual && (this.#free.length + 1) * SLAB_BYTES <= limits.freeSlabsBytesMax)
      this.#free.push(slab)
  }
}

/** The batches of one slot, in the order in which they came: a few runs of bytes in slabs. */
export class SlotBody {
  readonly #pool: SlabPool
  readonly #slabs: Slab[] = []
  /** Of each run: where it begins in the body, and where in its slab. */
  readonly #starts: number[] = []
  readonly #froms: number[] = []
  #sizeBytes = 0

  constructor(pool: SlabPool) {
    this.#pool = pool
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  add(bytes: Buffer, start: number, end: number): void {
    const slab = this.#pool.withRoom(end - start)
    if (slab !== this.#slabs.at(-1)) {
      slab.users++
      this.#slabs.push(slab)
      this.#starts.push(this.#sizeBytes)
      this.#froms.push(slab.at)
    }
    slab.at += bytes.copy(slab.bytes, slab.at, start, end)
    this.#sizeBytes += end - start
  }

  /** A batch, by where it begins in the body: a view, which ends with the body. */
  view(position: number, sizeBytes: number): Buffer {
    const starts = this.#starts
    let run = starts.length - 1 // Nearly always there is one, and hardly ever more than two.
    while (run > 0 && starts[run]! > position) run--
    const from = this.#froms[run]! + position - starts[run]!
    return this.#slabs[run]!.bytes.subarray(from, from + sizeBytes)
  }

  /** All of it, to be written. */
  chunks(): Buffer[] {
    return this.#slabs.map(({ bytes }, run) => {
      const sizeBytes = (this.#starts[run + 1] ?? this.#sizeBytes) - this.#starts[run]!
      return bytes.subarray(this.#froms[run]!, this.#froms[run]! + sizeBytes)
    })
  }

  /** Once. From now on others write where it was. */
  release(): void {
    for (const chunk of this.chunks()) givenBack(chunk)
    for (const slab of this.#slabs) this.#pool.release(slab)
    this.#slabs.length = 0
  }
}
