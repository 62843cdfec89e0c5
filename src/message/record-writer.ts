import { varintBytes, writeVarint } from '../lib/bytes/varint.ts'
import { writeInt64 } from '../log/batch/index.ts'
import type { LogId } from '../log/store.ts'
import type { Publication } from './publication.ts'
import { envelopeFlag } from './stored-message.ts'

/** Below it a loop is faster than a call. */
const LOOP_BYTES_MAX = 48
const REFERENCE_BYTES = 20
/** What six bytes hold: 8,900 years. */
const TTL_MS_MAX = 2 ** 48 - 1

/** Where a body lies that is stored once for many records. */
export type BodyReference = {
  readonly log: LogId
  readonly offset: number
  readonly sizeBytes: number
}

/**
 * Writes a publication as one record of an enveloped batch, in two steps: `measure`, then `write`
 * into room of that size, with the same arguments. It remembers what it measured in between.
 */
export class RecordWriter {
  #envelopeBytes = 0
  #bodyBytes = 0
  #recordBytes = 0
  #timestampDelta = 0
  #offsetDelta = 0

  /** Bytes of the whole record, its length included. */
  measure(
    publication: Publication,
    reference: BodyReference | null,
    timestampDelta: number,
    offsetDelta: number,
  ): number {
    const { annotations, key } = publication
    let envelope = 2 + publication.addressEnd - publication.addressStart
    envelope += publication.propertiesEnd - publication.propertiesStart
    if (publication.ttlMs >= 0) envelope += 6
    if (publication.priority > 0) envelope += 1
    if (annotations !== null) envelope += 4 + annotations.length
    const body = reference === null ? publication.bodyEnd - publication.bodyStart : REFERENCE_BYTES
    // The constants: attributes, the number of headers, and the empty key of the one header.
    let record = 3 + varintBytes(timestampDelta) + varintBytes(offsetDelta)
    record += key === null ? 1 : varintBytes(key.length) + key.length
    record += varintBytes(body) + body + varintBytes(envelope) + envelope
    this.#envelopeBytes = envelope
    this.#bodyBytes = body
    this.#recordBytes = record
    this.#timestampDelta = timestampDelta
    this.#offsetDelta = offsetDelta
    return varintBytes(record) + record
  }

  /** Returns the position after the record. */
  write(
    target: Buffer,
    start: number,
    publication: Publication,
    reference: BodyReference | null,
  ): number {
    let to = writeVarint(target, start, this.#recordBytes)
    target[to++] = 0
    to = writeVarint(target, to, this.#timestampDelta)
    to = writeVarint(target, to, this.#offsetDelta)
    to = writeKey(target, to, publication.key)
    to = writeVarint(target, to, this.#bodyBytes)
    if (reference === null)
      to = copyBytes(target, to, publication.body, publication.bodyStart, publication.bodyEnd)
    else to = writeReference(target, to, reference)
    to = writeVarint(target, to, 1)
    target[to++] = 0
    to = writeVarint(target, to, this.#envelopeBytes)
    return writeEnvelope(target, to, publication, reference !== null)
  }
}

function writeKey(target: Buffer, start: number, key: Buffer | null): number {
  if (key === null) return writeVarint(target, start, -1)
  return copyBytes(target, writeVarint(target, start, key.length), key, 0, key.length)
}

function writeReference(target: Buffer, start: number, reference: BodyReference): number {
  writeInt64(target, reference.log, start)
  writeInt64(target, reference.offset, start + 8)
  return target.writeInt32BE(reference.sizeBytes, start + 16)
}

function writeEnvelope(
  target: Buffer,
  start: number,
  publication: Publication,
  isBodyElsewhere: boolean,
): number {
  const { ttlMs, priority, annotations } = publication
  let to = start
  target[to++] = publication.origin
  target[to++] =
    (ttlMs >= 0 ? envelopeFlag.ttl : 0) |
    (priority > 0 ? envelopeFlag.priority : 0) |
    (annotations === null ? 0 : envelopeFlag.annotations) |
    (isBodyElsewhere ? envelopeFlag.bodyElsewhere : 0)
  if (ttlMs >= 0) to = target.writeUIntBE(Math.min(ttlMs, TTL_MS_MAX), to, 6)
  if (priority > 0) target[to++] = priority
  if (annotations !== null) {
    to = target.writeUInt32BE(annotations.length, to)
    to += annotations.copy(target, to)
  }
  const { address, addressStart, addressEnd, properties } = publication
  to = copyBytes(target, to, address, addressStart, addressEnd)
  return copyBytes(target, to, properties, publication.propertiesStart, publication.propertiesEnd)
}

function copyBytes(target: Buffer, at: number, source: Buffer, from: number, end: number): number {
  if (end - from > LOOP_BYTES_MAX) return at + source.copy(target, at, from, end)
  let to = at
  for (let index = from; index < end; index++) target[to++] = source[index]!
  return to
}
