import { assert } from '../../lib/assert.ts'

/** Slots that lie behind each other in one chain file, read in one go. */
export class SlotSpan {
  readonly first: number
  readonly bytes: Buffer
  /** Where each slot's body begins in the bytes. */
  readonly #bodies: readonly number[]

  constructor(first: number, bytes: Buffer, bodies: readonly number[]) {
    assert(bodies.length > 0, 'a span holds slots')
    this.first = first
    this.bytes = bytes
    this.#bodies = bodies
  }

  get sizeBytes(): number {
    return this.bytes.length
  }

  /** The slot after its last. */
  get end(): number {
    return this.first + this.#bodies.length
  }

  has(slot: number): boolean {
    return slot >= this.first && slot < this.end
  }

  /** Where in the bytes something lies that is at `position` of the slot's body. */
  at(slot: number, position: number): number {
    assert(this.has(slot), 'the slot is in the span')
    return this.#bodies[slot - this.first]! + position
  }
}
