import type { ByteReader, ByteWriter, Piece } from '../../../lib/bytes/index.ts'
import { parseIntegerText } from '../../../lib/integer-text.ts'
import { writeBinary, writePiece } from '../binary.ts'
import type { Value, ValueFactory } from '../value.ts'

const SET = 0
const WRITE = 1

/** From here on what is written into stays a buffer: a string would be made anew each time. */
const MUTABLE_BYTES_MIN = 1024
/** From here on it is one from the start, outside the heap. Shorter texts may be plain. */
const BUFFER_BYTES_MIN = 4096
/** The object and the string in it, or the buffer. */
const OVERHEAD_BYTES = 96
/** OBJ_ENCODING_EMBSTR_SIZE_LIMIT of Redis. */
const EMBEDDED_MAX = 44

export type StringEncoding = 'int' | 'embstr' | 'raw'

/** Bytes: few of them as a string, one character for each, many as a buffer. */
export class StringValue implements Value {
  static readonly factory: ValueFactory = {
    kind: 'string',
    empty: () => new StringValue(),
    read: reader => StringValue.copyOf(reader.slice(reader.varuint())),
  }

  #text = ''
  /** Null while it is text. May be longer than the value. */
  #bytes: Buffer | null = null
  #length = 0
  /** Somebody holds the buffer: it is not to be written into any more. */
  #isShared = false
  #wasWritten = false

  static of(text: string): StringValue {
    const made = new StringValue()
    if (isShort(text.length)) made.#text = text
    else made.#bytes = Buffer.from(text, 'latin1')
    made.#length = text.length
    return made
  }

  static copyOf(bytes: Buffer): StringValue {
    if (isShort(bytes.length)) return StringValue.of(bytes.toString('latin1'))
    const copy = Buffer.allocUnsafeSlow(bytes.length)
    bytes.copy(copy)
    const made = new StringValue()
    made.#bytes = copy
    made.#length = bytes.length
    return made
  }

  get kind(): 'string' {
    return 'string'
  }

  get count(): number {
    return 1
  }

  get length(): number {
    return this.#length
  }

  get sizeBytes(): number {
    return sizeOfText(this.#bytes?.length ?? this.#length)
  }

  /** All there is to say of it, where that is a short text; else null. */
  get plainText(): string | null {
    const isPlain = this.#bytes === null && !this.#wasWritten && isShort(this.#length)
    return isPlain ? this.#text : null
  }

  get encoding(): StringEncoding {
    if (this.#length <= 20 && parseIntegerText(this.text()) !== undefined) return 'int'
    return this.#length <= EMBEDDED_MAX && !this.#wasWritten ? 'embstr' : 'raw'
  }

  /** As a binary string. */
  text(): string {
    return this.#bytes === null ? this.#text : this.#bytes.toString('latin1', 0, this.#length)
  }

  /** The buffer, when it is kept as one: to look into. */
  get buffer(): Buffer | null {
    return this.#bytes === null ? null : this.#bytes.subarray(0, this.#length)
  }

  /** As bytes, to look into: a copy where it is kept as text. */
  bytes(): Buffer {
    return this.buffer ?? Buffer.from(this.#text, 'latin1')
  }

  /** Of a value kept as a buffer: bytes that may be held on to, since they never change. */
  share(): Buffer {
    this.#isShared = true
    return this.#bytes!.subarray(0, this.#length)
  }

  slice(start: number, end: number): string {
    if (this.#bytes === null) return this.#text.slice(start, end)
    return this.#bytes.toString('latin1', start, end)
  }

  evolve(change: ByteReader): void {
    const kind = change.uint8()
    if (kind === SET) return this.#become(change.binary(change.left))
    this.#wasWritten = true
    while (change.left > 0) this.#write(change.varuint(), change.slice(change.varuint()))
  }

  /**
   * While an event is applied, like `evolve`: it is these bytes from now on, which are more than a
   * short text. Whoever holds it sees it change, but not what was shared.
   */
  becomeBytes({ bytes, start, end }: Piece): void {
    const length = end - start
    const room = this.#bytes?.length ?? 0
    // Memory that comes and goes with every change would have the heap collected for it.
    const isReused = !this.#isShared && room >= length && room <= 2 * length
    const own = isReused ? this.#bytes! : Buffer.allocUnsafeSlow(length)
    bytes.copy(own, 0, start, end)
    this.#text = ''
    this.#bytes = own
    this.#length = length
    this.#isShared = false
    this.#wasWritten = false
  }

  /** Whatever it was. */
  #become(text: string): void {
    this.#text = text
    this.#bytes = null
    this.#isShared = false
    this.#length = text.length
    this.#wasWritten = false
  }

  write(writer: ByteWriter): void {
    if (this.#bytes === null) return writeBinary(writer, this.#text)
    writePiece(writer, { bytes: this.#bytes, start: 0, end: this.#length })
  }

  #write(offset: number, bytes: Buffer): void {
    const end = offset + bytes.length
    const length = Math.max(this.#length, end)
    if (this.#bytes === null && length < MUTABLE_BYTES_MIN) {
      const text = this.#text
      const padding = offset > text.length ? '\0'.repeat(offset - text.length) : ''
      this.#text = text.slice(0, offset) + padding + bytes.toString('latin1') + text.slice(end)
    } else bytes.copy(this.#room(length), offset)
    this.#length = length
  }

  /** A buffer of its own, with at least so much in it, zeros behind the value. */
  #room(length: number): Buffer {
    const bytes = this.#bytes
    if (bytes !== null && !this.#isShared && bytes.length >= length) return bytes
    const isGrowing = length > this.#length && bytes !== null
    const made = Buffer.alloc(isGrowing ? length + Math.min(length, GROWTH_BYTES_MAX) : length)
    if (bytes === null) made.write(this.#text, 'latin1')
    else bytes.copy(made, 0, 0, this.#length)
    this.#text = ''
    this.#bytes = made
    this.#isShared = false
    return made
  }
}

/** So few bytes that they are kept as text. */
export const isShort = (bytes: number): boolean => bytes < BUFFER_BYTES_MIN

/** What a value of so many bytes counts. */
export const sizeOfText = (bytes: number): number => OVERHEAD_BYTES + bytes

/** Null: the value is another, or more than a short text. */
export const plainTextOf = (value: Value): string | null =>
  value instanceof StringValue ? value.plainText : null

/** What a string that grows is given in advance at most. */
const GROWTH_BYTES_MAX = 1024 * 1024

/** For `Database.change`: the value becomes this, whatever it was. */
export function writeText(writer: ByteWriter, text: string): void {
  writer.uint8(SET)
  writer.binary(text)
}

/** For `Database.change`: pieces that are written into it, each by `writePart`. */
export function writePieces(writer: ByteWriter): void {
  writer.uint8(WRITE)
}

/** Where it goes, and what. Behind the end is filled with zeros. */
export function writePart(writer: ByteWriter, offset: number, bytes: Buffer): void {
  writer.varuint(offset)
  writer.varuint(bytes.length)
  writer.bytes(bytes)
}
