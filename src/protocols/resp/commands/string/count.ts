import { StringValue, writeText } from '../../../../broker/keyspace/string/index.ts'
import type { Piece } from '../../../../lib/bytes/index.ts'
import {
  INT64_MAX,
  INT64_MIN,
  narrowed,
  parseInteger,
  parseIntegerText,
} from '../../../../lib/integer-text.ts'
import { LongDouble } from '../../../../lib/long-double.ts'
import type { Call } from '../../command.ts'
import { notAFloat, notAnInteger, ReplyError } from '../../errors.ts'
import { integerAt } from '../../numbers.ts'
import { putShortText, shortTextAt, stringOf } from './access.ts'

export const increment = (call: Call): void => add(call, 1)
export const decrement = (call: Call): void => add(call, -1)
export const incrementBy = (call: Call): void => add(call, integerAt(call.args, 2))

export function decrementBy(call: Call): void {
  const value = integerAt(call.args, 2)
  if (value === INT64_MIN) throw new ReplyError('ERR decrement would overflow')
  add(call, -value)
}

/** The sum of two 64-bit integers, or Redis' error. */
export function sum(one: number | bigint, other: number | bigint): number | bigint {
  if (typeof one === 'number' && typeof other === 'number') {
    const result = one + other
    if (Number.isSafeInteger(result)) return result
  }
  const result = BigInt(one) + BigInt(other)
  if (result >= INT64_MIN && result <= INT64_MAX) return narrowed(result)
  throw new ReplyError('ERR increment or decrement would overflow')
}

/** The sum of two decimals, with as many digits as Redis keeps. */
export function sumOfFloats(one: LongDouble, other: LongDouble): string {
  const result = LongDouble.sum(one, other)
  if (result.isFinite) return result.toString()
  throw new ReplyError('ERR increment would produce NaN or Infinity')
}

export function floatAt(call: Call, index: number): LongDouble {
  const value = LongDouble.parse(call.args.binary(index))
  if (value === undefined) throw notAFloat()
  return value
}

export function incrementByFloat(call: Call): void {
  const { reply } = call
  const key = call.key(1)
  const before = LongDouble.parse(stringOf(call, key)?.text() ?? '0')
  if (before === undefined) throw notAFloat()
  const result = sumOfFloats(before, floatAt(call, 2))
  call.db.change(key, 'string', writer => writeText(writer, result))
  call.notify('$', 'incrbyfloat', key)
  reply.binary(result)
}

function add(call: Call, increment: number | bigint): void {
  const text = shortTextAt(call, 1)
  if (text !== null) {
    const result = sum(integerIn(text), increment)
    putShortText(call, String(result), 1)
    call.notifyAt('$', 'incrby', 1)
    return call.reply.integer(result)
  }
  const { db, reply } = call
  const key = call.key(1)
  const value = stringOf(call, key)
  const before =
    value === undefined ? 0 : value.length > 20 ? undefined : parseIntegerText(value.text())
  if (before === undefined) throw notAnInteger()
  const result = sum(before, increment)
  const expiresAt = value === undefined ? null : (db.expiryOf(key) ?? null)
  if (expiresAt === null) putShortText(call, String(result), 1)
  else db.put(key, StringValue.of(String(result)), expiresAt)
  call.notify('$', 'incrby', key)
  reply.integer(result)
}

function integerIn({ bytes, start, end }: Piece): number | bigint {
  const value = parseInteger(bytes, start, end)
  if (value === undefined) throw notAnInteger()
  return value
}
