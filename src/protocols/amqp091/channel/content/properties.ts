import { isUtf8 } from 'node:buffer'
import { ByteReader, ByteWriter, MalformedError } from '../../../../lib/bytes/index.ts'
import { eightBytes, writeLongstr, writeShortstr } from '../../codec/field-table.ts'
import { type FieldTable, narrowed, readTable, tableBytes } from '../../codec/index.ts'
import { propertyFlag } from './content.ts'

/** All properties of class basic, as they are on the wire. Null: not there. */
export type Properties = {
  readonly contentType: string | null
  readonly contentEncoding: string | null
  readonly headers: FieldTable | null
  readonly deliveryMode: number | null
  readonly priority: number | null
  readonly correlationId: string | null
  readonly replyTo: string | null
  readonly expiration: string | null
  readonly messageId: string | null
  /** Seconds since 1970. */
  readonly timestamp: number | bigint | null
  readonly type: string | null
  readonly userId: string | null
  readonly appId: string | null
  readonly clusterId: string | null
}

export const noProperties: Properties = {
  contentType: null,
  contentEncoding: null,
  headers: null,
  deliveryMode: null,
  priority: null,
  correlationId: null,
  replyTo: null,
  expiration: null,
  messageId: null,
  timestamp: null,
  type: null,
  userId: null,
  appId: null,
  clusterId: null,
}

/** Bytes that are no UTF-8 are read as Latin-1: what a client wrote so, it reads so again. */
const shortstr = (reader: ByteReader): string => {
  const bytes = reader.slice(reader.uint8())
  return isUtf8(bytes) ? bytes.toString() : bytes.toString('latin1')
}

/** Flags and property list (section 4.2.6.1). Throws MalformedError. */
export function readProperties(bytes: Buffer): Properties {
  const reader = new ByteReader(bytes)
  const flags = reader.uint16()
  const has = (flag: number): boolean => (flags & flag) !== 0
  const text = (flag: number): string | null => (has(flag) ? shortstr(reader) : null)
  // The fields are read in the order they are written in here, which is the wire's.
  const properties = {
    contentType: text(propertyFlag.contentType),
    contentEncoding: text(propertyFlag.contentEncoding),
    headers: has(propertyFlag.headers) ? readTable(reader) : null,
    deliveryMode: has(propertyFlag.deliveryMode) ? reader.uint8() : null,
    priority: has(propertyFlag.priority) ? reader.uint8() : null,
    correlationId: text(propertyFlag.correlationId),
    replyTo: text(propertyFlag.replyTo),
    expiration: text(propertyFlag.expiration),
    messageId: text(propertyFlag.messageId),
    timestamp: has(propertyFlag.timestamp) ? narrowed(reader.slice(8).readBigUInt64BE()) : null,
    type: text(propertyFlag.type),
    userId: text(propertyFlag.userId),
    appId: text(propertyFlag.appId),
    clusterId: text(propertyFlag.clusterId),
  }
  if (reader.left > 0) throw new MalformedError(`${reader.left} bytes behind the properties`)
  return properties
}

export function writeProperties(properties: Properties): Buffer {
  const writer = new ByteWriter(64)
  let flags = 0
  for (const name in propertyFlag) {
    const key = name as keyof typeof propertyFlag // Its own keys.
    if (properties[key] !== null) flags |= propertyFlag[key]
  }
  writer.uint16(flags)
  const text = (value: string | null): void => {
    if (value !== null) writeShortstr(writer, value)
  }
  text(properties.contentType)
  text(properties.contentEncoding)
  if (properties.headers !== null) writeLongstr(writer, tableBytes(properties.headers))
  if (properties.deliveryMode !== null) writer.uint8(properties.deliveryMode)
  if (properties.priority !== null) writer.uint8(properties.priority)
  text(properties.correlationId)
  text(properties.replyTo)
  text(properties.expiration)
  text(properties.messageId)
  if (properties.timestamp !== null) writer.bytes(eightBytes(properties.timestamp))
  text(properties.type)
  text(properties.userId)
  text(properties.appId)
  text(properties.clusterId)
  return writer.finish()
}
