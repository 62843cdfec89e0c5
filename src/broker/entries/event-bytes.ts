import { assert } from '../../lib/assert.ts'
import { VarintCursor, writeVarint } from '../../lib/bytes/varint.ts'
import { type Whole, whole } from '../../lib/whole.ts'
import type { EntryId } from './entry-id.ts'

const NUMBER_BYTES_MAX = 8
const LOW_MASK = 0xffff_ffffn

/** Writes events into one buffer that is used again for the next one. */
export class EventWriter {
  #bytes = Buffer.allocUnsafeSlow(1024)
  #at = 0
  #ms: Whole = 0

  /** What was written is forgotten. */
  begin(): this {
    this.#at = 0
    this.#ms = 0
    return this
  }

  /** A zigzag varint. */
  int(value: number): this {
    assert(Number.isSafeInteger(value), 'numbers in events can be read again')
    this.#reserve(NUMBER_BYTES_MAX)
    this.#at = writeVarint(this.#bytes, this.#at, value)
    return this
  }

  /** Beyond 2^53 it is -1 and two halves. */
  whole(value: Whole): this {
    if (typeof value === 'number') return this.int(value)
    return this.int(-1)
      .int(Number(value >> 32n))
      .int(Number(value & LOW_MASK))
  }

  /** Milliseconds as the distance to those of the id before, where there is one. */
  id({ ms, seq }: EntryId): this {
    return this.idParts(ms, seq)
  }

  idParts(ms: Whole, seq: Whole): this {
    const before = this.#ms
    this.#ms = ms
    if (typeof ms === 'number' && typeof before === 'number' && ms >= before) this.int(ms - before)
    else this.int(-1).whole(ms)
    return this.whole(seq)
  }

  /** Characters are bytes. */
  text(value: string): this {
    this.int(value.length)
    this.#reserve(value.length)
    this.#at += this.#bytes.write(value, this.#at, 'latin1')
    return this
  }

  /** What another one has: ids in it do not follow from those before, and `apart` reads them. */
  append(other: EventWriter): this {
    const bytes = other.bytes()
    this.#reserve(bytes.length)
    this.#at += bytes.copy(this.#bytes, this.#at)
    return this
  }

  /** What was written so far lies at its beginning. */
  get buffer(): Buffer {
    return this.#bytes
  }

  get sizeBytes(): number {
    return this.#at
  }

  /** What was written so far. Valid until something else is. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  #reserve(sizeBytes: number): void {
    if (this.#at + sizeBytes <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(2 * (this.#at + sizeBytes))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}

/** Reads what `EventWriter` wrote. */
export class EventReader {
  readonly #bytes: Buffer
  readonly #cursor: VarintCursor
  #ms: Whole = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#cursor = new VarintCursor(bytes, 0, bytes.length)
  }

  get isAtEnd(): boolean {
    return this.#cursor.at >= this.#bytes.length
  }

  int(): number {
    return this.#cursor.long()
  }

  whole(): Whole {
    const value = this.int()
    return value >= 0 ? value : whole((BigInt(this.int()) << 32n) | BigInt(this.int()))
  }

  id(): EntryId {
    const distance = this.int()
    if (distance < 0) this.#ms = this.whole()
    // A distance is written from numbers to numbers only.
    else this.#ms = (this.#ms as number) + distance
    return { ms: this.#ms, seq: this.whole() }
  }

  /** What was written apart begins here. */
  apart(): void {
    this.#ms = 0
  }

  text(): string {
    const length = this.int()
    const start = this.#cursor.at
    this.#cursor.at = start + length
    return this.#bytes.toString('latin1', start, start + length)
  }
}
