import type { ByteReader, ByteWriter, Piece } from '../../../lib/bytes/index.ts'
import type { Sought } from '../../../lib/records/index.ts'
import { pieceOf, readBinary, writeBinary } from '../binary.ts'
import type { Value, ValueFactory } from '../value.ts'
import { FieldExpiry } from './field-expiry.ts'
import { Fields } from './fields.ts'

const SET = 0
const SET_STAYING = 1
const REMOVE = 2
const EXPIRE = 3
const EXPIRED = 4

/** What a field costs beside its characters and its value's. */
const FIELD_BYTES = 96
const EXPIRY_BYTES = 64

/** Texts where they lie: what a client sent. */
export type Words = {
  readonly bytes: Buffer
  readonly count: number
  readonly starts: ArrayLike<number>
  readonly ends: ArrayLike<number>
}

export type HashEncoding = 'listpack' | 'listpackex' | 'hashtable'

/** Fields and their values, all binary strings; fields may expire one by one. */
export class HashValue implements Value {
  static readonly factory: ValueFactory = {
    kind: 'hash',
    empty: () => new HashValue(),
    read: reader => readHash(reader),
  }

  readonly kind = 'hash'
  readonly fields = new Fields()
  #expiry: FieldExpiry | null = null
  #textBytes = 0

  /** Fields and their values, in turn. The last value of a field that comes twice counts. */
  static of(pairs: readonly string[]): HashValue {
    const made = new HashValue()
    for (let index = 0; index < pairs.length; index += 2)
      made.#set(pairs[index]!, pairs[index + 1]!, false)
    return made
  }

  get count(): number {
    return this.fields.count
  }

  get sizeBytes(): number {
    const expiring = this.#expiry?.count ?? 0
    return this.fields.count * FIELD_BYTES + this.#textBytes + expiring * EXPIRY_BYTES
  }

  get encoding(): HashEncoding {
    if (!this.fields.isSmall) return 'hashtable'
    return this.#expiry === null ? 'listpack' : 'listpackex'
  }

  /** Never later than the first of them; Infinity when there is none. */
  get elementExpiresAt(): number {
    return this.#expiry === null ? Infinity : this.#expiry.earliest
  }

  get(field: string): string | undefined {
    return this.fields.get(field)
  }

  has(field: string): boolean {
    return this.fields.indexOf(field) >= 0
  }

  /** Milliseconds since 1970; null: it stays. */
  expiryOf(field: string): number | null {
    return this.#expiry?.of(field) ?? null
  }

  warm(elements: Sought): void {
    this.fields.warm(elements)
  }

  evolve(change: ByteReader): void {
    const kind = change.uint8()
    if (kind === EXPIRED) return this.#expire(change.int64())
    for (let left = change.varuint(); left > 0; left--) {
      if (kind === SET || kind === SET_STAYING) {
        this.#setNext(change, kind === SET_STAYING)
        continue
      }
      const field = readBinary(change)
      if (kind === REMOVE) this.#remove(field)
      else if (kind === EXPIRE) this.#expireAt(field, change.int64())
    }
  }

  writeExpiry(writer: ByteWriter, now: number): void {
    writer.uint8(EXPIRED)
    writer.int64(now)
  }

  write(writer: ByteWriter): void {
    writer.varuint(this.fields.count * 2 + (this.fields.isSmall ? 1 : 0))
    for (let index = 0; index < this.fields.count; index++) this.fields.writeAt(writer, index)
    const expiring = this.#expiry?.count ?? 0
    writer.varuint(expiring)
    if (this.#expiry === null) return
    for (const [field, time] of this.#expiry.sorted()) {
      writeBinary(writer, field)
      writer.int64(time)
    }
  }

  /** Fields stay in the order they are kept in, whether small or not. */
  read(reader: ByteReader): this {
    const head = reader.varuint()
    for (let left = head >>> 1; left > 0; left--)
      this.#set(readBinary(reader), readBinary(reader), false)
    if ((head & 1) === 0) this.fields.grow()
    for (let left = reader.varuint(); left > 0; left--)
      this.#expireAt(readBinary(reader), reader.int64())
    return this
  }

  /** The next field and its value: a field that is there is found by its bytes. */
  #setNext(change: ByteReader, keepsExpiry: boolean): void {
    const size = change.varuint()
    const start = change.position
    const { fields } = this
    const index = fields.indexOfBytes(change.source, start, start + size)
    if (index < 0) return this.#set(change.binary(size), readBinary(change), keepsExpiry)
    change.skip(size)
    this.#textBytes += fields.setAt(index, nextPiece(change))
    if (!keepsExpiry && this.#expiry !== null) this.#stays(fields.nameAt(index))
  }

  #set(field: string, value: string, keepsExpiry: boolean): void {
    const { fields } = this
    const index = fields.indexOf(field)
    if (index < 0) {
      fields.add(field, value)
      this.#textBytes += field.length + value.length
    } else {
      this.#textBytes += fields.setAt(index, pieceOf(value))
      if (!keepsExpiry) this.#stays(field)
    }
  }

  #remove(field: string): void {
    const index = this.fields.indexOf(field)
    if (index < 0) return
    this.#textBytes -= field.length + this.fields.removeAt(index)
    this.#stays(field)
  }

  #expireAt(field: string, time: number): void {
    if (!this.has(field)) return
    if (time === 0) return this.#stays(field)
    this.#expiry ??= new FieldExpiry()
    this.#expiry.set(field, time)
  }

  #stays(field: string): void {
    if (this.#expiry === null) return
    this.#expiry.remove(field)
    if (this.#expiry.count === 0) this.#expiry = null
  }

  #expire(now: number): void {
    const expired = this.#expiry?.takeDue(now) ?? []
    for (const field of expired) this.#remove(field)
  }
}

const next: Piece = { bytes: Buffer.alloc(0), start: 0, end: 0 }

/** What comes next, its length in front: where it lies. */
function nextPiece(reader: ByteReader): Piece {
  const size = reader.varuint()
  next.bytes = reader.source
  next.start = reader.position
  next.end = next.start + size
  reader.skip(size)
  return next
}

const readHash = (reader: ByteReader): HashValue => new HashValue().read(reader)

/** For `Database.change`: fields and their values, in turn. Times at which they expire are gone. */
export function writeFields(writer: ByteWriter, pairs: readonly string[]): void {
  writePairs(writer, SET, pairs)
}

/** The same for words that lie in `bytes`, from the `first` on. */
export function writeFieldWords(writer: ByteWriter, words: Words, first: number): void {
  const { bytes, starts, ends, count } = words
  writer.uint8(SET)
  writer.varuint((count - first) / 2)
  for (let index = first; index < count; index++) {
    writer.varuint(ends[index]! - starts[index]!)
    writer.slice(bytes, starts[index]!, ends[index]!)
  }
}

/** The same, but what expires still does. */
export function writeFieldsStaying(writer: ByteWriter, pairs: readonly string[]): void {
  writePairs(writer, SET_STAYING, pairs)
}

export function writeFieldsGone(writer: ByteWriter, fields: readonly string[]): void {
  writer.uint8(REMOVE)
  writer.varuint(fields.length)
  for (const field of fields) writeBinary(writer, field)
}

/** Milliseconds since 1970, 0: it stays. */
export function writeFieldExpiry(
  writer: ByteWriter,
  fields: readonly string[],
  time: number,
): void {
  writer.uint8(EXPIRE)
  writer.varuint(fields.length)
  for (const field of fields) {
    writeBinary(writer, field)
    writer.int64(time)
  }
}

function writePairs(writer: ByteWriter, kind: number, pairs: readonly string[]): void {
  writer.uint8(kind)
  writer.varuint(pairs.length / 2)
  for (const text of pairs) writeBinary(writer, text)
}
