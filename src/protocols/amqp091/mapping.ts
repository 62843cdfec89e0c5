import { isUtf8 } from 'node:buffer'
import type { CommonProperties, CommonValue } from '../../message/common.ts'
import type { Mapping } from '../../message/mapping.ts'
import { origins } from '../../message/origin.ts'
import { KEY_HEADER } from './channel/content/content.ts'
import {
  noProperties,
  type Properties,
  readProperties,
  writeProperties,
} from './channel/content/properties.ts'
import type { FieldTable, FieldValue } from './codec/index.ts'

const PERSISTENT = 2
/** Longer texts do not fit into a property; they go into a header of this prefix. */
const SHORTSTR_BYTES_MAX = 255
const LONG_TEXT_PREFIX = 'x-'
/** RabbitMQ's name for what a timestamp in seconds cannot say. */
const MILLIS_HEADER = 'timestamp_in_ms'
/** Names of the texts that are properties here, in headers when they are too long. */
const textNames = {
  contentType: 'content-type',
  contentEncoding: 'content-encoding',
  correlationId: 'correlation-id',
  replyTo: 'reply-to',
  messageId: 'message-id',
  type: 'type',
  userId: 'user-id',
  appId: 'app-id',
} as const
type TextName = keyof typeof textNames

/** Content headers of AMQP 0-9-1. */
export const amqp091Mapping: Mapping = {
  origin: origins.amqp091,
  protocol: 'amqp091',
  toCommon: bytes => toCommon(readProperties(bytes)),
  fromCommon: common => writeProperties(fromCommon(common)),
}

function toCommon(properties: Properties): CommonProperties {
  const headers = new Map<string, CommonValue>()
  for (const [name, field] of properties.headers ?? []) headers.set(name, valueOf(field))
  const key = take(headers, KEY_HEADER, isKey)
  const text = (name: TextName): string | null =>
    properties[name] ?? take(headers, LONG_TEXT_PREFIX + textNames[name], isLongText)
  return {
    key: key === null ? null : Buffer.isBuffer(key) ? key : Buffer.from(key),
    contentType: text('contentType'),
    contentEncoding: text('contentEncoding'),
    messageId: text('messageId'),
    correlationId: text('correlationId'),
    replyTo: text('replyTo'),
    subject: text('type'),
    userId: text('userId'),
    appId: text('appId'),
    timestamp: timestampOf(properties.timestamp, headers),
    priority: properties.priority,
    ttlMs: ttlOf(properties.expiration),
    isPersistent: properties.deliveryMode === PERSISTENT,
    headers,
  }
}

const isKey = (value: CommonValue): value is string | Buffer =>
  typeof value === 'string' || Buffer.isBuffer(value)
const isLongText = (value: CommonValue): value is string =>
  typeof value === 'string' && Buffer.byteLength(value) > SHORTSTR_BYTES_MAX

/** Removes a header, if it is what is looked for. */
function take<Value extends CommonValue>(
  headers: Map<string, CommonValue>,
  name: string,
  isWanted: (value: CommonValue) => value is Value,
): Value | null {
  const value = headers.get(name)
  if (value === undefined || !isWanted(value)) return null
  headers.delete(name)
  return value
}

function timestampOf(
  seconds: number | bigint | null,
  headers: Map<string, CommonValue>,
): number | null {
  if (seconds === null) return null
  const millis = headers.get(MILLIS_HEADER)
  if (typeof millis === 'number' && Math.floor(millis / 1000) === seconds) {
    headers.delete(MILLIS_HEADER)
    return millis
  }
  const timestamp = Number(seconds) * 1000
  return Number.isSafeInteger(timestamp) ? timestamp : null
}

function ttlOf(expiration: string | null): number | null {
  if (expiration === null || !/^\+?\d+$/.test(expiration)) return null
  return Number(expiration)
}

function valueOf(field: FieldValue): CommonValue {
  switch (field.type) {
    case 'timestamp':
      return { kind: 'timestamp', millis: Number(field.value) * 1000 }
    case 'decimal':
      return { kind: 'decimal', ...field.value }
    case 'array':
      return field.value.map(valueOf)
    case 'table':
      return new Map([...field.value].map(([name, inner]) => [name, valueOf(inner)]))
    default:
      return field.value
  }
}

function fromCommon(common: CommonProperties): Properties {
  const headers = new Map<string, FieldValue>()
  for (const [name, value] of common.headers) headers.set(name, fieldOf(value))
  if (common.key !== null) headers.set(KEY_HEADER, fieldOfBytes(common.key))
  if (common.timestamp !== null && common.timestamp % 1000 !== 0)
    headers.set(MILLIS_HEADER, { type: 'long', value: common.timestamp })
  const text = (name: TextName, value: string | null): string | null => {
    if (value === null || Buffer.byteLength(value) <= SHORTSTR_BYTES_MAX) return value
    headers.set(LONG_TEXT_PREFIX + textNames[name], { type: 'longstr', value })
    return null
  }
  const texts = {
    contentType: text('contentType', common.contentType),
    contentEncoding: text('contentEncoding', common.contentEncoding),
    correlationId: text('correlationId', common.correlationId),
    replyTo: text('replyTo', common.replyTo),
    messageId: text('messageId', common.messageId),
    type: text('type', common.subject),
    userId: text('userId', common.userId),
    appId: text('appId', common.appId),
  }
  return {
    ...noProperties,
    ...texts,
    deliveryMode: common.isPersistent ? PERSISTENT : null,
    priority: common.priority === null ? null : Math.max(0, Math.min(common.priority, 255)),
    expiration: common.ttlMs === null ? null : String(common.ttlMs),
    timestamp: common.timestamp === null ? null : Math.max(0, Math.floor(common.timestamp / 1000)),
    headers: headers.size > 0 ? (headers satisfies FieldTable) : null,
  }
}

/** The type of the wire that says no less than the value does. */
function fieldOf(value: CommonValue): FieldValue {
  if (value === null) return { type: 'void', value }
  if (typeof value === 'string') return { type: 'longstr', value }
  if (typeof value === 'boolean') return { type: 'bool', value }
  if (typeof value === 'bigint') return { type: 'long', value: BigInt.asIntN(64, value) }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return { type: 'double', value }
    return { type: (value | 0) === value ? 'signedint' : 'long', value }
  }
  if (Buffer.isBuffer(value)) return { type: 'binary', value }
  if (value instanceof Map)
    return {
      type: 'table',
      value: new Map([...value].map(([name, inner]) => [name, fieldOf(inner)])),
    }
  if (isList(value)) return { type: 'array', value: value.map(fieldOf) }
  const tagged = value as Exclude<typeof value, ReadonlyMap<string, CommonValue>>
  if (tagged.kind === 'decimal')
    return { type: 'decimal', value: { scale: tagged.scale, unscaled: tagged.unscaled } }
  return { type: 'timestamp', value: Math.max(0, Math.floor(tagged.millis / 1000)) }
}

const isList = (value: CommonValue): value is readonly CommonValue[] => Array.isArray(value)

const fieldOfBytes = (bytes: Buffer): FieldValue =>
  isUtf8(bytes) ? { type: 'longstr', value: bytes.toString() } : { type: 'binary', value: bytes }
