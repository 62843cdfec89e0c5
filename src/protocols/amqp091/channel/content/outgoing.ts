import type { Annotations, Death } from '../../../../message/annotations.ts'
import type { Mappings } from '../../../../message/mapping.ts'
import { origins } from '../../../../message/origin.ts'
import type { StoredMessage } from '../../../../message/stored-message.ts'
import type { FieldTable, FieldValue } from '../../codec/index.ts'
import { readProperties, writeProperties } from './properties.ts'

/** Headers the broker adds on the way out, with their values. */
export type AddedHeaders = Readonly<Record<string, number>>

const longstr = (value: string): FieldValue => ({ type: 'longstr', value })
const long = (value: number): FieldValue => ({ type: 'long', value })

/**
 * The property list of a message whose own bytes do not do: it came with another protocol, died
 * before, or says how often it was handed out. Headers as RabbitMQ has them (mc_amqpl), sorted.
 */
export function outgoingProperties(
  message: StoredMessage,
  mappings: Mappings,
  added: AddedHeaders,
): Buffer {
  const bytes = mappings.propertiesIn(origins.amqp091, message)
  const annotations = message.annotations()
  const own = annotationHeaders(annotations)
  for (const name in added) own.set(name, long(added[name]!))
  if (own.size === 0) return bytes
  const properties = readProperties(bytes)
  const headers = sorted([...own, ...(properties.headers ?? [])])
  // What its sender asked for held up to its first death, which says what it was.
  const expiration = annotations.deaths === undefined ? properties.expiration : null
  return writeProperties({ ...properties, headers, expiration })
}

function annotationHeaders(annotations: Annotations): Map<string, FieldValue> {
  const headers = new Map<string, FieldValue>()
  const { deaths, firstDeath, lastDeath, delayedMs } = annotations
  if (deaths !== undefined) headers.set('x-death', { type: 'array', value: deaths.map(death) })
  for (const [when, place] of [
    ['first', firstDeath],
    ['last', lastDeath],
  ] as const) {
    if (place === undefined) continue
    headers.set(`x-${when}-death-exchange`, longstr(place.exchange))
    headers.set(`x-${when}-death-queue`, longstr(place.queue))
    headers.set(`x-${when}-death-reason`, longstr(place.reason))
  }
  if (delayedMs !== undefined) headers.set('x-delay', long(-delayedMs))
  return headers
}

function death(one: Death): FieldValue {
  const table = new Map<string, FieldValue>()
  if (one.originalTtlMs !== undefined)
    table.set('original-expiration', longstr(String(one.originalTtlMs)))
  table.set('count', long(one.count))
  table.set('reason', longstr(one.reason))
  table.set('queue', longstr(one.queue))
  table.set('time', { type: 'timestamp', value: Math.floor(one.time / 1000) })
  table.set('exchange', longstr(one.exchange))
  table.set('routing-keys', { type: 'array', value: one.routingKeys.map(longstr) })
  return { type: 'table', value: table }
}

/** By name, and the first of each name. */
function sorted(entries: readonly (readonly [string, FieldValue])[]): FieldTable {
  const byName = entries.toSorted(([one], [other]) => Buffer.compare(bytesOf(one), bytesOf(other)))
  const headers = new Map<string, FieldValue>()
  for (const [name, value] of byName) if (!headers.has(name)) headers.set(name, value)
  return headers
}

const bytesOf = (name: string): Buffer => Buffer.from(name)
