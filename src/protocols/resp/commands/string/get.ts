import { StringValue } from '../../../../broker/keyspace/string/index.ts'
import type { Call } from '../../command.ts'
import { syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { positiveExpiryOf, type TimeUnit } from '../times.ts'
import { shortTextAt, stringOf, writeValue } from './access.ts'
import { comparisonAt, holds, timeOptions } from './options.ts'

export function get(call: Call): void {
  const text = shortTextAt(call, 1)
  if (text === null) writeValue(call.reply, stringOf(call, call.key(1)))
  else call.reply.bulk(text.bytes, text.start, text.end)
}

export function getMany(call: Call): void {
  const { args, db, reply } = call
  reply.array(args.count - 1)
  for (let index = 1; index < args.count; index++) {
    const value = db.value(call.key(index))
    writeValue(reply, value instanceof StringValue ? value : undefined)
  }
}

export function getAndDelete(call: Call): void {
  const { db, reply } = call
  const key = call.key(1)
  const value = stringOf(call, key)
  if (value !== undefined) {
    db.delete(key)
    call.notify('g', 'del', key)
  }
  writeValue(reply, value)
}

/** GETEX key [EX … | PERSIST] */
export function getAndExpire(call: Call): void {
  const { db, reply } = call
  const { time, isPersisted } = expiryOptions(call)
  const key = call.key(1)
  const value = stringOf(call, key)
  // Said wrongly, the time is an error only where there is something that could expire.
  if (value !== undefined && time !== null) {
    const expiresAt = positiveExpiryOf(call, time.index, time.unit, 'getex')
    db.expireAt(key, expiresAt)
    call.notify('g', expiresAt <= call.now ? 'del' : 'expire', key)
  } else if (value !== undefined && isPersisted && db.expiryOf(key) !== null) {
    db.expireAt(key, null)
    call.notify('g', 'persist', key)
  }
  writeValue(reply, value)
}

function expiryOptions({ args }: Call) {
  let time: { readonly index: number; readonly unit: TimeUnit } | null = null
  let isPersisted = false
  for (let index = 2; index < args.count; index++) {
    const unit = timeOptions[args.lower(index)]
    if (unit !== undefined && time === null && !isPersisted && index + 1 < args.count)
      time = { index: ++index, unit }
    else if (args.is(index, 'persist') && time === null) isPersisted = true
    else throw syntaxError()
  }
  return { time, isPersisted }
}

/** DELEX key [IFEQ value | IFNE value], of Redis 8.4. */
export function deleteIf(call: Call): void {
  const { args, db, reply } = call
  const condition = comparisonAt(args, 2)
  const key = call.key(1)
  const isMet =
    condition === null ? db.has(key) : db.has(key) && holds(condition, stringOf(call, key))
  if (!isMet) return reply.integer(0)
  db.delete(key)
  call.notify('g', 'del', key)
  reply.integer(1)
}

export function getLength(call: Call): void {
  call.reply.integer(stringOf(call, call.key(1))?.length ?? 0)
}

export function getRange(call: Call): void {
  const { args, reply } = call
  const first = numberAt(args, 2)
  const last = numberAt(args, 3)
  const value = stringOf(call, call.key(1))
  if (value === undefined || (first < 0 && last < 0 && first > last)) return reply.binary('')
  const { length } = value
  const start = first < 0 ? Math.max(0, length + first) : first
  const end = Math.min(last < 0 ? Math.max(0, length + last) : last, length - 1) + 1
  if (start >= end) return reply.binary('')
  const { buffer } = value
  if (buffer === null || end - start < 1024) reply.binary(value.slice(start, end))
  else reply.bulk(value.share(), start, end)
}
