import type { Offset } from '../lib/brand.ts'
import { type Annotations, decodeAnnotations } from './annotations.ts'
import { type Origin, origins } from './origin.ts'

/**
 * Messages that no Kafka producer wrote lie in batches whose attribute bit `enveloped` is set. Each
 * record then has one header with an empty key, and its value is the envelope:
 *
 *   origin       1 byte     whose encoding the properties are in
 *   flags        1 byte     which of the next fields are there
 *   ttl          6 bytes    milliseconds (flag 1)
 *   priority     1 byte     (flag 2)
 *   annotations  4 bytes length, then JSON (flag 4)
 *   address      exchange and routing key, each after a length byte
 *   properties   the rest, as the sender encoded them
 *
 * The record's value is the body; with flag 8 it says where the body lies instead: log (int64),
 * offset (int64), length (int32).
 */
export const envelopeFlag = { ttl: 1, priority: 2, annotations: 4, bodyElsewhere: 8 } as const

/**
 * One stored message, seen in the batch it lies in. Readers move one view from record to record:
 * nothing of it is valid longer than the call it was given to. Buffers are never to be written to.
 */
export class StoredMessage {
  offset = 0 as Offset
  origin: Origin = origins.kafka
  /** Milliseconds since 1970: when the broker, or a Kafka producer, stamped it. */
  timestamp = 0
  /** The batch's records, unpacked. All positions but the body's are in it. */
  bytes: Buffer = EMPTY
  keyStart = 0
  /** -1: there is no key. */
  keyEnd = -1
  body: Buffer = EMPTY
  bodyStart = 0
  bodyEnd = 0
  /** True until the body, stored once for many records, was found: then it is as any other. */
  isBodyElsewhere = false
  /** Where the envelope begins; it ends with the properties. */
  envelopeStart = 0
  /** Length byte, exchange, length byte, routing key. Empty for records of Kafka producers. */
  addressStart = 0
  addressEnd = 0
  propertiesStart = 0
  propertiesEnd = 0
  /** -1: it never expires by itself. */
  ttlMs = -1
  priority = 0
  annotationsStart = 0
  /** Equal to the start when there are none. */
  annotationsEnd = 0
  /** Of records of Kafka producers: their own headers, `[key length varint, key, …]`. */
  headersStart = 0
  headersEnd = 0
  headerCount = 0

  get bodyBytes(): number {
    return this.bodyEnd - this.bodyStart
  }

  get hasAnnotations(): boolean {
    return this.annotationsEnd > this.annotationsStart
  }

  annotations(): Annotations {
    if (!this.hasAnnotations) return {}
    return decodeAnnotations(this.bytes.subarray(this.annotationsStart, this.annotationsEnd))
  }

  key(): Buffer | null {
    return this.keyEnd < 0 ? null : this.bytes.subarray(this.keyStart, this.keyEnd)
  }

  properties(): Buffer {
    return this.bytes.subarray(this.propertiesStart, this.propertiesEnd)
  }

  exchange(): string {
    if (this.addressEnd === this.addressStart) return ''
    const start = this.addressStart + 1
    return this.bytes.toString('utf8', start, start + this.bytes[start - 1]!)
  }

  routingKey(): string {
    if (this.addressEnd === this.addressStart) return ''
    const start = this.addressStart + 2 + this.bytes[this.addressStart]!
    return this.bytes.toString('utf8', start, this.addressEnd)
  }
}

const EMPTY = Buffer.alloc(0)
