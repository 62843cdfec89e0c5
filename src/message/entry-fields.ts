import { isUtf8 } from 'node:buffer'
import { writeVarint } from '../lib/bytes/varint.ts'
import { type Whole, whole } from '../lib/whole.ts'
import type { LogId } from '../log/store.ts'
import { origins } from './origin.ts'
import type { Publication } from './publication.ts'
import type { StoredMessage } from './stored-message.ts'

/**
 * An entry of a stream is a list of fields, each a name and a value, and an id. Its record is made
 * so that it makes sense to others:
 *
 * - A field `key`, where it is not the only one, is the record's key.
 * - The value of the field `value`, `data`, `body` or `message`, or of the only one beside the key,
 *   is the record's value; the other fields are headers.
 * - Where there is none of these, the value is a JSON object of all fields but the key; bytes that
 *   are not UTF-8 are base64 in it, and of several fields of one name it has the last.
 * - The milliseconds of the id are the record's time, as far as a record can say them.
 *
 * What that does not say is in the property bytes:
 *
 *   flags     1 byte    1: the milliseconds follow; 2: the sequence takes eight bytes
 *   ms        8 bytes   big endian (flag 1)
 *   sequence  varint, or 8 bytes
 *   log       varint    the id is one of this log's: copies that went elsewhere have new ones
 *   body      varint    the field whose value is the record's value; -1: it is JSON
 *   key       varint    the field whose value is the record's key; -1: none
 *   count     varint    of fields
 *   fields    name length varint, name, and but for those two: value length varint, value
 */
export const entryFlag = { ms: 1, longSequence: 2 } as const

/** Words where they lie, names and values in turn: a command's arguments fit. */
export type Words = {
  readonly bytes: Buffer
  readonly starts: { readonly [index: number]: number }
  readonly ends: { readonly [index: number]: number }
}

/** The id of a new entry, and the log it is going to. */
export type NewEntryId = { readonly ms: Whole; readonly seq: Whole; readonly log: LogId }

/** Milliseconds a record's timestamp can say. */
const TIMESTAMP_MAX = Number.MAX_SAFE_INTEGER
const KEY = Buffer.from('key')
/** The first of these that is there is the body. */
const BODIES = ['value', 'data', 'body', 'message'].map(name => Buffer.from(name))
const SCRATCH_BYTES = 16 * 1024
const SCRATCH_BYTES_MAX = 1024 * 1024
const FRONT_BYTES_MAX = 1 + 8 + 8 + 4 * 8
const NO_FIELD = -1

/** Writes entries into publications. The bytes are its own, and valid until the next entry. */
export class EntryEncoder {
  #properties: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #at = 0

  /** Words from `first` to `end`, not included; the publication refers to them, too. */
  write(publication: Publication, words: Words, first: number, end: number): void {
    const { starts, ends } = words
    const count = (end - first) / 2
    const key = count > 1 ? fieldNamed(words, first, end, KEY) : NO_FIELD
    const body = bodyOf(words, first, end, key)
    const sizeMax = FRONT_BYTES_MAX + ends[end - 1]! - starts[first]! + 5 * (end - first)
    this.#reserve(sizeMax)
    this.#int(body)
    this.#int(key)
    this.#int(count)
    for (let field = 0, word = first; field < count; field++, word += 2) {
      this.#word(words, word)
      if (field !== body && field !== key) this.#word(words, word + 1)
    }
    publication.properties = this.#properties
    publication.propertiesStart = 0
    publication.propertiesEnd = this.#at
    publication.key = key === NO_FIELD ? null : copied(words, first + 2 * key + 1)
    if (body === NO_FIELD) return takeJson(publication, words, first, end, key)
    publication.body = words.bytes
    publication.bodyStart = starts[first + 2 * body + 1]!
    publication.bodyEnd = ends[first + 2 * body + 1]!
  }

  /** Before the fields: the id, which decides the publication's time, too. */
  begin(publication: Publication, id: NewEntryId, now: number): void {
    const { ms, seq } = id
    if (this.#properties.length > SCRATCH_BYTES_MAX)
      this.#properties = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    const isPlainMs = typeof ms === 'number' && ms <= TIMESTAMP_MAX
    const isPlainSeq = typeof seq === 'number'
    const target = this.#properties
    target[0] = (isPlainMs ? 0 : entryFlag.ms) | (isPlainSeq ? 0 : entryFlag.longSequence)
    this.#at = 1
    if (!isPlainMs) this.#at = target.writeBigUInt64BE(BigInt(ms), this.#at)
    if (isPlainSeq) this.#int(seq)
    else this.#at = target.writeBigUInt64BE(seq, this.#at)
    this.#int(id.log)
    publication.timestamp = isPlainMs ? ms : now
  }

  #int(value: number): void {
    this.#at = writeVarint(this.#properties, this.#at, value)
  }

  #word({ bytes, starts, ends }: Words, index: number): void {
    const start = starts[index]!
    const end = ends[index]!
    let to = writeVarint(this.#properties, this.#at, end - start)
    if (end - start > 48) to += bytes.copy(this.#properties, to, start, end)
    else for (let from = start; from < end; from++) this.#properties[to++] = bytes[from]!
    this.#at = to
  }

  #reserve(sizeBytes: number): void {
    if (this.#at + sizeBytes <= this.#properties.length) return
    const grown = Buffer.allocUnsafeSlow(2 * (this.#at + sizeBytes))
    this.#properties.copy(grown, 0, 0, this.#at)
    this.#properties = grown
  }
}

function bodyOf(words: Words, first: number, end: number, key: number): number {
  const count = (end - first) / 2
  if (count === 1) return 0
  if (count === 2 && key !== NO_FIELD) return 1 - key
  for (const name of BODIES) {
    const found = fieldNamed(words, first, end, name)
    if (found !== NO_FIELD) return found
  }
  return NO_FIELD
}

function fieldNamed(words: Words, first: number, end: number, name: Buffer): number {
  for (let word = first; word < end; word += 2)
    if (isWord(words, word, name)) return (word - first) / 2
  return NO_FIELD
}

function isWord({ bytes, starts, ends }: Words, index: number, name: Buffer): boolean {
  const start = starts[index]!
  if (ends[index]! - start !== name.length) return false
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false
  return true
}

const copied = ({ bytes, starts, ends }: Words, index: number): Buffer =>
  Buffer.from(bytes.subarray(starts[index], ends[index]))

function takeJson(
  publication: Publication,
  words: Words,
  first: number,
  end: number,
  key: number,
): void {
  const object: Record<string, string> = Object.create(null)
  for (let word = first; word < end; word += 2)
    if ((word - first) / 2 !== key) object[textOf(words, word)] = textOf(words, word + 1)
  const json = Buffer.from(JSON.stringify(object))
  publication.body = json
  publication.bodyStart = 0
  publication.bodyEnd = json.length
}

function textOf({ bytes, starts, ends }: Words, index: number): string {
  const part = bytes.subarray(starts[index], ends[index])
  return isUtf8(part) ? part.toString() : part.toString('base64')
}

/** Shows the fields of stored entries as words, and their ids. Nothing is copied. */
export class EntryWords {
  ms: Whole = 0
  seq: Whole = 0
  /** Whose the id is. */
  log = -1
  /** Names and values together. */
  wordCount = 0
  readonly #buffers: Buffer[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0

  bytes(index: number): Buffer {
    return this.#buffers[index]!
  }

  start(index: number): number {
    return this.#starts[index]!
  }

  end(index: number): number {
    return this.#ends[index]!
  }

  /** The id alone, of a message of this origin. */
  readId(message: StoredMessage): void {
    this.#bytes = message.bytes
    this.#at = message.propertiesStart
    const flags = this.#bytes[this.#at++]!
    this.ms = flags & entryFlag.ms ? this.#long() : message.timestamp
    this.seq = flags & entryFlag.longSequence ? this.#long() : this.#int()
    this.log = this.#int()
  }

  /** The fields: of a message of this origin, whose id was read just before. */
  readFields(message: StoredMessage): void {
    const body = this.#int()
    const key = this.#int()
    const count = this.#int()
    this.wordCount = 0
    for (let field = 0; field < count; field++) {
      this.#field()
      if (field === body) this.add(message.body, message.bodyStart, message.bodyEnd)
      else if (field === key) this.add(message.bytes, message.keyStart, message.keyEnd)
      else this.#field()
    }
  }

  /** One more word, wherever it lies. */
  add(bytes: Buffer, start: number, end: number): void {
    const at = this.wordCount++
    this.#buffers[at] = bytes
    this.#starts[at] = start
    this.#ends[at] = end
  }

  #field(): void {
    const length = this.#int()
    this.add(this.#bytes, this.#at, this.#at + length)
    this.#at += length
  }

  #long(): Whole {
    const value = this.#bytes.readBigUInt64BE(this.#at)
    this.#at += 8
    return whole(value)
  }

  /** A zigzag varint. */
  #int(): number {
    const bytes = this.#bytes
    const first = bytes[this.#at++]!
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let value = first & 0x7f
    for (let scale = 0x80; scale < 2 ** 60; scale *= 0x80) {
      const byte = bytes[this.#at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

export const isEntry = (message: StoredMessage): boolean => message.origin === origins.redisStream
