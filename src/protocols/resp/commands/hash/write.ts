import {
  type HashValue,
  writeFields,
  writeFieldWords,
  writeFieldsStaying,
} from '../../../../broker/keyspace/hash/index.ts'
import { parseIntegerText } from '../../../../lib/integer-text.ts'
import { LongDouble } from '../../../../lib/long-double.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { integerAt } from '../../numbers.ts'
import { wrongArity } from '../arity.ts'
import { floatAt, sum, sumOfFloats } from '../string/count.ts'
import { words } from '../set/keys.ts'
import { demandFits, hashOf, removeFields } from './access.ts'

export function set(call: Call): void {
  if (call.args.count % 2 === 1) throw wrongArity('hset')
  call.reply.integer(setPairs(call))
}

export function setAll(call: Call): void {
  if (call.args.count % 2 === 1) throw wrongArity('hmset')
  setPairs(call)
  call.reply.ok()
}

/** How many fields are new. */
function setPairs(call: Call): number {
  const { args } = call
  const key = call.key(1)
  const hash = hashOf(call, key)
  const before = hash?.count ?? 0
  demandFits(before + (args.count - 2) / 2)
  call.db.change(key, 'hash', writer => writeFieldWords(writer, args, 2))
  call.notify('h', 'hset', key)
  return (hash ?? hashOf(call, key)!).count - before
}

export function setNew(call: Call): void {
  const { args, reply } = call
  const key = call.key(1)
  const field = args.binary(2)
  const hash = hashOf(call, key)
  if (hash?.has(field) === true) return reply.integer(0)
  const value = args.binary(3)
  demandFits((hash?.count ?? 0) + 1)
  call.db.change(key, 'hash', writer => writeFields(writer, [field, value]))
  call.notify('h', 'hset', key)
  reply.integer(1)
}

export function remove(call: Call): void {
  const { args, reply } = call
  const key = call.key(1)
  const hash = hashOf(call, key)
  const removed = hash === undefined ? [] : present(hash, words(args, 2))
  removeFields(call, key, removed)
  reply.integer(removed.length)
}

/** Those that are there, each once. */
export function present(hash: HashValue, fields: readonly string[]): string[] {
  const found = fields.filter(field => hash.has(field))
  return found.length > 1 ? [...new Set(found)] : found
}

export function incrementBy(call: Call): void {
  const { args, reply } = call
  const increment = integerAt(args, 3)
  const key = call.key(1)
  const field = args.binary(2)
  const before = parseIntegerText(hashOf(call, key)?.get(field) ?? '0')
  if (before === undefined) throw new ReplyError('ERR hash value is not an integer')
  const result = sum(before, increment)
  keep(call, key, [field, String(result)], 'hincrby')
  reply.integer(result)
}

export function incrementByFloat(call: Call): void {
  const { args, reply } = call
  const increment = floatAt(call, 3)
  if (!increment.isFinite) throw new ReplyError('ERR value is NaN or Infinity')
  const key = call.key(1)
  const field = args.binary(2)
  const before = LongDouble.parse(hashOf(call, key)?.get(field) ?? '0')
  if (before === undefined) throw new ReplyError('ERR hash value is not a float')
  const result = sumOfFloats(before, increment)
  keep(call, key, [field, result], 'hincrbyfloat')
  reply.binary(result)
}

function keep(call: Call, key: string, pair: readonly string[], event: string): void {
  demandFits((hashOf(call, key)?.count ?? 0) + 1)
  call.db.change(key, 'hash', writer => writeFieldsStaying(writer, pair))
  call.notify('h', event, key)
}
