import { isUtf8 } from 'node:buffer'
import { MalformedError } from '../lib/bytes/reader.ts'
import { VarintCursor, varintBytes, writeVarint } from '../lib/bytes/varint.ts'
import { type CommonProperties, type CommonValue, propertiesNone } from './common.ts'
import type { Mapping } from './mapping.ts'
import { origins } from './origin.ts'

/**
 * Under what names Kafka clients read and write what other protocols have fields for. All values
 * are text. docs/mapping.md is about these: names are never changed.
 */
export const propertyHeaders = {
  contentType: 'content-type',
  contentEncoding: 'content-encoding',
  messageId: 'message-id',
  correlationId: 'correlation-id',
  replyTo: 'reply-to',
  subject: 'subject',
  userId: 'user-id',
  appId: 'app-id',
  timestamp: 'timestamp',
  priority: 'priority',
  ttlMs: 'expiration',
  isPersistent: 'delivery-mode',
} as const

/** What Kafka readers are told besides: only ever written, never understood. */
export const addressHeaders = {
  exchange: 'exchange',
  routingKey: 'routing-key',
  /** JSON, as `Annotations` has them. */
  deaths: 'x-death',
  firstDeath: 'x-first-death',
  lastDeath: 'x-last-death',
  delay: 'x-delay',
} as const

/** `1` is said of what its sender allows to be lost. Everything else is persistent. */
const TRANSIENT = '1'
const ESCAPE = 'header.'

const reserved: ReadonlySet<string> = new Set([
  ...Object.values(propertyHeaders),
  addressHeaders.exchange,
  addressHeaders.routingKey,
])

/**
 * Records as Kafka producers write them. The property bytes are the record's headers without their
 * number: key length varint, key, value length varint (-1 for null), value, and so on.
 */
export const recordMapping: Mapping = {
  origin: origins.kafka,
  protocol: 'kafka',
  toCommon: headers => commonOfHeaders(headers, 0, headers.length),
  fromCommon: common => headersOfCommon(common).toBuffer(),
}

/** Appends one record header after the other, and counts them. */
export class HeaderWriter {
  count = 0
  #bytes = Buffer.allocUnsafe(512)
  #at = 0

  add(name: string, value: string | Buffer | null): void {
    const nameBytes = Buffer.byteLength(name)
    const valueBytes = value === null ? -1 : Buffer.byteLength(value)
    this.#reserve(10 + nameBytes + Math.max(valueBytes, 0))
    let to = writeVarint(this.#bytes, this.#at, nameBytes)
    to += this.#bytes.write(name, to, 'utf8')
    to = writeVarint(this.#bytes, to, valueBytes)
    if (typeof value === 'string') to += this.#bytes.write(value, to, 'utf8')
    else if (value !== null) to += value.copy(this.#bytes, to)
    this.#at = to
    this.count++
  }

  /** The headers alone. */
  toBuffer(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at))
  }

  /** The headers after their number, as they end a record. */
  toRecordBytes(): Buffer {
    const countBytes = varintBytes(this.count)
    const bytes = Buffer.allocUnsafe(countBytes + this.#at)
    writeVarint(bytes, 0, this.count)
    this.#bytes.copy(bytes, countBytes, 0, this.#at)
    return bytes
  }

  #reserve(sizeBytes: number): void {
    if (this.#at + sizeBytes <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(2 * (this.#at + sizeBytes))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}

export function headersOfCommon(common: CommonProperties): HeaderWriter {
  const writer = new HeaderWriter()
  const say = (name: string, value: string | number | null): void => {
    if (value !== null) writer.add(name, String(value))
  }
  for (const name of textNames) say(propertyHeaders[name], common[name])
  say(propertyHeaders.timestamp, common.timestamp)
  say(propertyHeaders.priority, common.priority)
  say(propertyHeaders.ttlMs, common.ttlMs)
  if (!common.isPersistent) writer.add(propertyHeaders.isPersistent, TRANSIENT)
  for (const [name, value] of common.headers) writer.add(escaped(name), headerBytes(value))
  return writer
}

type Draft = { -readonly [Key in keyof CommonProperties]: CommonProperties[Key] }

/** What the headers in a part of some bytes say. Stops where they make no sense. */
export function commonOfHeaders(bytes: Buffer, start: number, end: number): CommonProperties {
  const headers = new Map<string, CommonValue>()
  const common: Draft = { ...propertiesNone, isPersistent: true, headers }
  const cursor = new VarintCursor(bytes, start, end)
  try {
    while (cursor.at < end) {
      const name = field(cursor, bytes)
      const value = field(cursor, bytes)
      if (name === null) break
      take(common, headers, name.toString('utf8'), value)
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
  }
  return common
}

const textNames = [
  'contentType',
  'contentEncoding',
  'messageId',
  'correlationId',
  'replyTo',
  'subject',
  'userId',
  'appId',
] as const
const textProperties: ReadonlyMap<string, (typeof textNames)[number]> = new Map(
  textNames.map(property => [propertyHeaders[property], property]),
)

/** A header that is not what its name promises is one of the application's. */
function take(
  common: Draft,
  headers: Map<string, CommonValue>,
  name: string,
  value: Buffer | null,
): void {
  const text = value !== null && isUtf8(value) ? value.toString('utf8') : null
  if (text !== null && takeProperty(common, name, text)) return
  headers.set(unescaped(name), text ?? value)
}

function takeProperty(common: Draft, name: string, text: string): boolean {
  const property = textProperties.get(name)
  if (property !== undefined) {
    common[property] = text
    return true
  }
  switch (name) {
    case propertyHeaders.timestamp:
      return (common.timestamp = wholeNumber(text, Number.MAX_SAFE_INTEGER)) !== null
    case propertyHeaders.priority:
      return (common.priority = wholeNumber(text, 255)) !== null
    case propertyHeaders.ttlMs:
      return (common.ttlMs = wholeNumber(text, Number.MAX_SAFE_INTEGER)) !== null
    case propertyHeaders.isPersistent:
      common.isPersistent = text !== TRANSIENT
      return text === TRANSIENT || text === '2'
    default:
      return false
  }
}

function wholeNumber(text: string, max: number): number | null {
  if (!/^\d{1,16}$/.test(text)) return null
  const value = Number(text)
  return value <= max ? value : null
}

function field(cursor: VarintCursor, bytes: Buffer): Buffer | null {
  const length = cursor.int()
  if (length < 0) return null
  if (length > cursor.end - cursor.at) throw new MalformedError('a header does not fit')
  cursor.at += length
  return bytes.subarray(cursor.at - length, cursor.at)
}

/** The name of an application's header, where it would be taken for a property. Reversible. */
function escaped(name: string): string {
  return isTaken(name) ? ESCAPE + name : name
}

function unescaped(name: string): string {
  if (!name.startsWith(ESCAPE)) return name
  const plain = name.slice(ESCAPE.length)
  return isTaken(plain) ? plain : name
}

function isTaken(name: string): boolean {
  let plain = name
  while (plain.startsWith(ESCAPE)) plain = plain.slice(ESCAPE.length)
  return reserved.has(plain)
}

/** Text where there is a usual one, bytes as they are, and JSON for what has parts. */
function headerBytes(value: CommonValue): string | Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value
  return typeof value === 'object' ? textOf(value) : String(value)
}

function textOf(value: object & CommonValue): string {
  const json = jsonOf(value)
  return typeof json === 'string' ? json : JSON.stringify(json)
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

function jsonOf(value: CommonValue): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return String(value)
  if (Buffer.isBuffer(value)) return isUtf8(value) ? value.toString() : value.toString('base64')
  if (Array.isArray(value)) return (value as readonly CommonValue[]).map(jsonOf)
  if (value instanceof Map) {
    const entries = value as ReadonlyMap<string, CommonValue>
    return Object.fromEntries([...entries].map(([name, item]) => [name, jsonOf(item)]))
  }
  const scalar = value as Extract<CommonValue, { readonly kind: string }>
  return scalar.kind === 'timestamp' ? timeText(scalar.millis) : decimalText(scalar)
}

/** ISO 8601 as far as that goes, then milliseconds. */
function timeText(millis: number): string {
  return Math.abs(millis) <= 8.64e15 ? new Date(millis).toISOString() : String(millis)
}

function decimalText({ scale, unscaled }: { scale: number; unscaled: number }): string {
  if (scale === 0) return String(unscaled)
  const digits = String(Math.abs(unscaled)).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${unscaled < 0 ? '-' : ''}${whole}.${digits.slice(digits.length - scale)}`
}
