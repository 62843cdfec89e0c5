import { isUtf8 } from 'node:buffer'
import { VarintCursor, varintBytes, writeVarint } from '../lib/bytes/varint.ts'
import { MalformedError } from '../lib/bytes/reader.ts'
import { type CommonProperties, type CommonValue, propertiesNone } from './common.ts'
import { entryFlag } from './entry-fields.ts'
import type { Mapping } from './mapping.ts'
import { origins } from './origin.ts'
import { recordMapping } from './record-mapping.ts'

/** The body's name, where somebody else's message becomes an entry. */
const BODY = Buffer.from('value')

/**
 * Fields of stream entries, but for key and body, which others have too, are headers; where the
 * body is JSON of all fields, there are none. Others' properties become fields under the names
 * Kafka clients read them by.
 */
export const entryMapping: Mapping = {
  origin: origins.redisStream,
  protocol: 'redis-stream',
  toCommon,
  fromCommon,
}

function toCommon(bytes: Buffer): CommonProperties {
  const headers = new Map<string, CommonValue>()
  try {
    for (const [name, value] of fieldsOf(bytes)) headers.set(name, value)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
  }
  return { ...propertiesNone, isPersistent: true, headers }
}

function* fieldsOf(bytes: Buffer): Generator<[string, CommonValue]> {
  if (bytes.length === 0) return
  const flags = bytes[0]!
  const start = 1 + (flags & entryFlag.ms ? 8 : 0) + (flags & entryFlag.longSequence ? 8 : 0)
  const cursor = new VarintCursor(bytes, start, bytes.length)
  if ((flags & entryFlag.longSequence) === 0) cursor.long()
  cursor.long() // The log.
  const body = cursor.int()
  const key = cursor.int()
  const count = cursor.int()
  for (let field = 0; field < count; field++) {
    const name = take(cursor, bytes).toString()
    if (field === body || field === key) continue
    const value = take(cursor, bytes)
    if (body >= 0) yield [name, isUtf8(value) ? value.toString() : value]
  }
}

function take(cursor: VarintCursor, bytes: Buffer): Buffer {
  const length = cursor.int()
  if (length < 0 || length > cursor.end - cursor.at)
    throw new MalformedError('a field does not fit')
  cursor.at += length
  return bytes.subarray(cursor.at - length, cursor.at)
}

/** Its id is nowhere: such bytes are never stored in a stream. */
function fromCommon(common: CommonProperties): Buffer {
  const headers = recordMapping.fromCommon(common)
  const parts: Buffer[] = []
  let count = 1
  const cursor = new VarintCursor(headers, 0, headers.length)
  while (cursor.at < headers.length) {
    const name = take(cursor, headers)
    const length = cursor.int()
    const value = headers.subarray(cursor.at, cursor.at + Math.max(0, length))
    cursor.at += value.length
    parts.push(int(name.length), name, int(value.length), value)
    count++
  }
  const front = [Buffer.of(0), int(0), int(-1), int(0), int(-1), int(count), int(BODY.length), BODY]
  return Buffer.concat([...front, ...parts])
}

function int(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(varintBytes(value))
  writeVarint(bytes, 0, value)
  return bytes
}
