import type { StreamStart } from '../../../../broker/stream/index.ts'
import { Offset } from '../../../../lib/brand.ts'
import { type FieldTable, type FieldValue, jsonValue } from '../../codec/index.ts'
import { AmqpError } from '../../errors.ts'

const integerTypes: ReadonlySet<string> = new Set([
  'byte',
  'short',
  'signedint',
  'long',
  'unsignedbyte',
  'unsignedshort',
  'unsignedint',
])

/** The consumer argument `x-priority`; `queue` is as error messages name it. */
export function consumerPriority(table: FieldTable, queue: string): number {
  const field = table.get('x-priority')
  if (field === undefined) return 0
  if (integerTypes.has(field.type)) return Number(field.value)
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `invalid arg 'x-priority' for ${queue}: "expected integer, got ${field.type}"`,
  )
}

const UNIT_MS: Readonly<Record<string, number>> = {
  Y: 365 * 24 * 3600 * 1000,
  M: 30 * 24 * 3600 * 1000,
  D: 24 * 3600 * 1000,
  h: 3600 * 1000,
  m: 60 * 1000,
  s: 1000,
}

/** `x-stream-offset`: first, last, next, an offset, a timestamp, or an interval back like `1h`. */
export function streamStart(table: FieldTable, queue: string, now: number): StreamStart {
  const field = table.get('x-stream-offset')
  if (field === undefined) return { kind: 'next' }
  const start = startOf(field, now)
  if (start !== null) return start
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `invalid arg 'x-stream-offset' for ${queue}: ` +
      `{invalid_stream_offset_arg,{${field.type},${printed(field)}}}`,
  )
}

function startOf(field: FieldValue, now: number): StreamStart | null {
  const { type, value } = field
  if (value === 'first' || value === 'last' || value === 'next') return { kind: value }
  if (type === 'timestamp') return { kind: 'time', millis: Number(value) * 1000 }
  if (type === 'longstr') {
    const [, count, unit] = /^(\d+)([YMDhms])$/.exec(String(value)) ?? []
    if (count === undefined) return null
    return { kind: 'time', millis: Math.max(0, now - Number(count) * UNIT_MS[unit!]!) }
  }
  const isOffset = integerTypes.has(type) && Number.isSafeInteger(value) && Number(value) >= 0
  return isOffset ? { kind: 'offset', offset: Offset(Number(value)) } : null
}

const printed = (field: FieldValue): string =>
  field.type === 'longstr' ? `<<"${String(field.value)}">>` : JSON.stringify(jsonValue(field))

/** `x-stream-filter` and `x-stream-match-unfiltered`, or null when nothing is to be left out. */
export function streamFilterSpec(
  table: FieldTable,
): { values: readonly string[]; matchUnfiltered: boolean } | null {
  const filter = table.get('x-stream-filter')
  const match = table.get('x-stream-match-unfiltered')
  const matchUnfiltered = match?.type === 'bool' && match.value
  if (filter?.type === 'longstr') return { values: [String(filter.value)], matchUnfiltered }
  if (filter?.type !== 'array') return null
  const values = filter.value.flatMap(one => (one.type === 'longstr' ? [String(one.value)] : []))
  return { values, matchUnfiltered }
}
