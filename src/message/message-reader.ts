import { MalformedError } from '../lib/bytes/reader.ts'
import type { Offset } from '../lib/brand.ts'
import {
  attribute,
  attributesOf,
  baseOffsetOf,
  baseTimestampOf,
  countOf,
  HEADER_BYTES,
  maxTimestampOf,
  payloadOf,
} from '../log/batch/index.ts'
import { type Origin, origins } from './origin.ts'
import { ttlMsIn } from './record-ttl.ts'
import { envelopeFlag, type StoredMessage } from './stored-message.ts'

const EMPTY = Buffer.alloc(0)

/**
 * Walks over the records of one stored batch at a time and shows each through a view, without an
 * object per record. Batches of Kafka producers are unpacked as a whole. Throws `MalformedError`,
 * or `CodecMissingError`, where a producer sent what cannot be read.
 */
export class MessageReader {
  #bytes: Buffer = EMPTY
  /** The record it stands at. */
  #at = 0
  /** The offset of the record that was shown, and where it ends; 0 when it stands behind it. */
  #shown = 0
  #shownEnd = 0
  #end = 0
  #left = 0
  #baseOffset = 0
  #baseTimestamp = 0
  #appendTime = -1
  #isEnveloped = false
  /** Where the varint just read ends. */
  #cursor = 0

  /** Stands at the first record of a batch. Control batches hold nothing for readers. */
  open(batch: Buffer): void {
    const attributes = attributesOf(batch)
    this.#left = (attributes & attribute.control) === 0 ? countOf(batch) : 0
    if ((attributes & attribute.compressionMask) === 0) {
      this.#bytes = batch
      this.#at = HEADER_BYTES
    } else {
      this.#bytes = this.#left === 0 ? EMPTY : payloadOf(batch)
      this.#at = 0
    }
    this.#end = this.#bytes.length
    this.#shownEnd = 0
    this.#baseOffset = baseOffsetOf(batch)
    this.#baseTimestamp = baseTimestampOf(batch)
    this.#appendTime = attributes & attribute.appendTime ? maxTimestampOf(batch) : -1
    this.#isEnveloped = (attributes & attribute.enveloped) !== 0
  }

  /** Where the record that was shown begins, for `openAt`. */
  get position(): number {
    return this.#at
  }

  /** Stands at one record, and the last, of a batch that is not compressed. */
  openAt(batch: Buffer, position: number): void {
    this.open(batch)
    this.#at = position
    this.#left = 1
  }

  /** Goes back to a record of the batch it stands in, which so many records are left from. */
  standAt(position: number, left: number): void {
    this.#at = position
    this.#left = left
    this.#shownEnd = 0
  }

  /** Lets go of the batch. */
  close(): void {
    this.#bytes = EMPTY
    this.#left = 0
    this.#shownEnd = 0
  }

  /**
   * Shows the first record from where it stands on whose offset is not below `offset`, and stands
   * there: asked again, it shows the same. False when the batch has no such record.
   */
  find(offset: number, view: StoredMessage): boolean {
    if (this.#shownEnd !== 0 && offset > this.#shown) this.#pass(this.#shownEnd)
    while (this.#left > 0) {
      const start = this.#at
      const sizeBytes = this.#int(start)
      const body = this.#cursor
      const end = body + sizeBytes
      if (sizeBytes < 6 || end > this.#end)
        throw new MalformedError(`a record of ${sizeBytes} bytes does not fit`)
      const timestampDelta = this.#int(body + 1) // Behind the attributes: none are defined.
      const found = this.#baseOffset + this.#int(this.#cursor)
      if (found >= offset) {
        view.offset = found as Offset
        view.timestamp =
          this.#appendTime < 0 ? this.#baseTimestamp + timestampDelta : this.#appendTime
        this.#shown = found
        this.#shownEnd = end
        this.#show(view, this.#cursor, end)
        return true
      }
      this.#pass(end)
    }
    return false
  }

  #pass(end: number): void {
    this.#at = end
    this.#shownEnd = 0
    this.#left--
  }

  #show(view: StoredMessage, start: number, end: number): void {
    const bytes = this.#bytes
    view.bytes = bytes
    const keyBytes = this.#int(start)
    view.keyStart = this.#cursor
    view.keyEnd = keyBytes < 0 ? -1 : this.#cursor + keyBytes
    const bodyBytes = this.#int(keyBytes < 0 ? this.#cursor : view.keyEnd)
    view.body = bytes
    view.bodyStart = this.#cursor
    view.bodyEnd = bodyBytes < 0 ? this.#cursor : this.#cursor + bodyBytes
    const headerCount = this.#int(view.bodyEnd)
    if (this.#cursor > end) throw new MalformedError('a record ends inside a field')
    if (this.#isEnveloped) this.#showEnvelope(view, this.#cursor, end)
    else showPlain(view, headerCount, this.#cursor, end)
  }

  #showEnvelope(view: StoredMessage, start: number, end: number): void {
    const bytes = this.#bytes
    this.#int(start + 1) // Behind the empty key of the header: the envelope's length.
    let at = this.#cursor
    view.envelopeStart = at
    view.origin = bytes[at]! as Origin
    const flags = bytes[at + 1]!
    at += 2
    view.isBodyElsewhere = (flags & envelopeFlag.bodyElsewhere) !== 0
    if (flags & envelopeFlag.ttl) {
      view.ttlMs = bytes.readUIntBE(at, 6)
      at += 6
    } else view.ttlMs = -1
    view.priority = flags & envelopeFlag.priority ? bytes[at++]! : 0
    view.annotationsStart = at
    if (flags & envelopeFlag.annotations) {
      view.annotationsStart = at + 4
      at += 4 + bytes.readUInt32BE(at)
    }
    view.annotationsEnd = at
    view.addressStart = at
    at += 1 + bytes[at]!
    at += 1 + bytes[at]!
    view.addressEnd = at
    view.propertiesStart = at
    view.propertiesEnd = end
    view.headersStart = end
    view.headersEnd = end
    view.headerCount = 0
    if (at > end) throw new MalformedError('an envelope is longer than its record')
  }

  /** A zigzag varint. Most take a byte or two. */
  #int(start: number): number {
    const bytes = this.#bytes
    const first = bytes[start]!
    if (first < 0x80) {
      this.#cursor = start + 1
      return (first >>> 1) ^ -(first & 1)
    }
    const second = bytes[start + 1]!
    if (second < 0x80) {
      this.#cursor = start + 2
      const zigzag = (first & 0x7f) | (second << 7)
      return (zigzag >>> 1) ^ -(zigzag & 1)
    }
    return this.#long(start)
  }

  #long(start: number): number {
    let at = start
    let value = 0
    for (let scale = 1; scale < 2 ** 56; scale *= 0x80) {
      if (at >= this.#end) throw new MalformedError('the bytes end inside a varint')
      const byte = this.#bytes[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        this.#cursor = at
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      }
    }
    throw new MalformedError('a varint exceeds 53 bits')
  }
}

/** A record as a Kafka producer wrote it. */
function showPlain(view: StoredMessage, headerCount: number, start: number, end: number): void {
  view.origin = origins.kafka
  view.isBodyElsewhere = false
  view.envelopeStart = start
  view.addressStart = start
  view.addressEnd = start
  view.propertiesStart = start
  view.propertiesEnd = start
  view.ttlMs = headerCount === 0 ? -1 : ttlMsIn(view.bytes, start, end)
  view.priority = 0
  view.annotationsStart = start
  view.annotationsEnd = start
  view.headersStart = start
  view.headersEnd = end
  view.headerCount = headerCount
}
