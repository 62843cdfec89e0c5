import type { SeekTarget } from '../../../../broker/queue/queue.ts'
import type { StreamStart } from '../../../../broker/stream/index.ts'
import type { Topic } from '../../../../broker/topic/index.ts'
import { Offset } from '../../../../lib/brand.ts'
import { type FieldTable, type FieldValue, integerTypes, jsonValue } from '../../codec/index.ts'
import { AmqpError } from '../../errors.ts'

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
export function streamStart(
  table: FieldTable,
  queue: string,
  now: number,
  usual: 'first' | 'next' = 'next',
): StreamStart {
  const field = table.get('x-stream-offset')
  if (field === undefined) return { kind: usual }
  const start = startOf(field, now)
  if (start !== null) return start
  throw badOffset('x-stream-offset', queue, field)
}

/** Our own `x-browse`: look, and take nothing. */
export function isBrowse(table: FieldTable, queue: string): boolean {
  const field = table.get('x-browse')
  if (field === undefined) return false
  if (field.type === 'bool') return field.value
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `invalid arg 'x-browse' for ${queue}: {unacceptable_type,${field.type}}`,
  )
}

/** Our own `x-queue-offset`: where the queue is to go on from, as said for streams. */
export function seekTargets(
  table: FieldTable,
  queue: { readonly shown: string; readonly topic: Topic },
  now: number,
): readonly SeekTarget[] {
  const field = table.get('x-queue-offset')
  if (field === undefined) return []
  const start = startOf(field, now)
  if (start?.kind === 'first' || start?.kind === 'next') return [{ kind: start.kind }]
  if (start?.kind === 'time') return [start]
  if (start?.kind !== 'offset') throw badOffset('x-queue-offset', queue.shown, field)
  const { offset } = start
  return queue.topic.partitions.map(({ index: lane }) => ({ kind: 'offset', lane, offset }))
}

const badOffset = (argument: string, queue: string, field: FieldValue): AmqpError =>
  new AmqpError(
    'PRECONDITION_FAILED',
    `invalid arg '${argument}' for ${queue}: ` +
      `{invalid_stream_offset_arg,{${field.type},${printed(field)}}}`,
  )

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
