import { isUtf8 } from 'node:buffer'
import type { CommonProperties, CommonValue } from '../../message/common.ts'
import type { Mappings } from '../../message/mapping.ts'
import type { StoredMessage } from '../../message/stored-message.ts'

export type ShownMessage = Readonly<Record<string, unknown>> & { readonly bodyBytes: number }

/** A message as JSON: what was not said is left out, what is no text is in base64. */
export function shownMessage(
  mappings: Mappings,
  message: StoredMessage,
  partition: number,
): ShownMessage {
  const common = mappings.commonOf(message)
  return {
    partition,
    offset: message.offset,
    time: message.timestamp,
    exchange: message.exchange(),
    routingKey: message.routingKey(),
    properties: shownProperties(common),
    headers: Object.fromEntries([...common.headers].map(([name, value]) => [name, plain(value)])),
    bodyBytes: message.bodyBytes,
    ...shownBytes('body', message.body.subarray(message.bodyStart, message.bodyEnd)),
  }
}

const shownBytes = (name: string, bytes: Buffer): object =>
  isUtf8(bytes) ? { [name]: bytes.toString() } : { [`${name}Base64`]: bytes.toString('base64') }

function shownProperties({ headers: _headers, key, ...rest }: CommonProperties): object {
  const said = Object.entries(rest).filter(([, value]) => value !== null)
  return { ...(key === null ? {} : shownBytes('key', key)), ...Object.fromEntries(said) }
}

function plain(value: CommonValue): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Buffer.isBuffer(value)) return isUtf8(value) ? value.toString() : value.toString('base64')
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, one]) => [name, plain(one as CommonValue)]))
  if (Array.isArray(value)) return value.map(one => plain(one as CommonValue))
  const typed = value as Extract<CommonValue, { readonly kind: string }>
  return typed.kind === 'timestamp' ? typed.millis : typed.unscaled / 10 ** typed.scale
}
