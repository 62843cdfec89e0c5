import { type StringValue } from '../../../../broker/keyspace/string/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerAt } from '../../numbers.ts'
import { wrongArity } from '../arity.ts'
import { positiveExpiryOf, type TimeUnit } from '../times.ts'
import { putAt, stringOf, valueAt, writeValue } from './access.ts'
import { holds, type SetOptions, setOptionsAt, timeOptions } from './options.ts'

export function set(call: Call): void {
  const { args, reply } = call
  if (args.count === 3) {
    putAt(call, 2, 1, null)
    call.notifyAt('$', 'set', 1)
    return reply.ok()
  }
  const options = setOptionsAt(call, 3)
  const key = call.key(1)
  const before = options.isGet ? stringOf(call, key) : undefined
  if (options.condition !== null && !isMet(call, key, options)) {
    if (options.isGet) writeValue(reply, before)
    else reply.nothing()
    return
  }
  const expiresAt = options.keepsExpiry ? (call.db.expiryOf(key) ?? null) : options.expiresAt
  // What was there is still to be said: it must not become another value.
  if (options.isGet) call.db.put(key, valueAt(args, 2), expiresAt)
  else putAt(call, 2, 1, expiresAt)
  call.notify('$', 'set', key)
  if (options.expiresAt !== null) call.notify('g', 'expire', key)
  if (options.isGet) writeValue(reply, before)
  else reply.ok()
}

function isMet({ db }: Call, key: string, { condition }: SetOptions): boolean {
  if (condition!.kind === 'nx') return !db.has(key)
  if (condition!.kind === 'xx') return db.has(key)
  return holds(condition!, db.find<StringValue>(key, 'string'))
}

export function setNew(call: Call): void {
  const { db, reply } = call
  const key = call.key(1)
  if (db.has(key)) return reply.integer(0)
  putAt(call, 2, 1, null)
  call.notify('$', 'set', key)
  reply.integer(1)
}

export const setFor =
  (ms: 1 | 1000, command: string) =>
  (call: Call): void => {
    const expiresAt = positiveExpiryOf(call, 2, { ms, isAbsolute: false }, command)
    const key = call.key(1)
    putAt(call, 3, 1, expiresAt)
    call.notify('$', 'set', key)
    call.notify('g', 'expire', key)
    call.reply.ok()
  }

export function getSet(call: Call): void {
  const { args } = call
  const key = call.key(1)
  const before = stringOf(call, key)
  call.db.put(key, valueAt(args, 2))
  call.notify('$', 'set', key)
  writeValue(call.reply, before)
}

export function setMany(call: Call): void {
  if (call.args.count % 2 === 0) throw wrongArity('mset')
  putPairs(call, 1, call.args.count, () => null)
  call.reply.ok()
}

export function setManyNew(call: Call): void {
  const { args, db, reply } = call
  if (args.count % 2 === 0) throw wrongArity('msetnx')
  for (let index = 1; index < args.count; index += 2)
    if (db.has(args.binary(index))) return reply.integer(0)
  putPairs(call, 1, args.count, () => null)
  reply.integer(1)
}

/** MSETEX numkeys key value … [NX | XX] [EX … | KEEPTTL], of Redis 8.4. */
export function setManyFor(call: Call): void {
  const { args, db, reply } = call
  const count = integerAt(args, 1)
  if (typeof count !== 'number' || count < 1 || count > 2 ** 31 - 1)
    throw new ReplyError('ERR invalid numkeys value')
  const end = 2 + count * 2
  if (end > args.count) throw wrongArity('msetex')
  const { condition, expiresAt, keepsExpiry } = manyOptions(call, end)
  for (let index = 2; condition !== null && index < end; index += 2)
    if (db.has(args.binary(index)) !== (condition === 'xx')) return reply.integer(0)
  const expiryOf = (index: number): number | null =>
    keepsExpiry ? (db.expiryOf(call.key(index)) ?? null) : expiresAt
  putPairs(call, 2, end, expiryOf)
  reply.integer(1)
}

function manyOptions(call: Call, start: number) {
  const { args } = call
  let condition: 'nx' | 'xx' | null = null
  let time: { readonly index: number; readonly unit: TimeUnit } | null = null
  let keepsExpiry = false
  for (let index = start; index < args.count; index++) {
    const option = args.lower(index)
    const unit = timeOptions[option]
    const isTimed = time !== null || keepsExpiry
    if ((option === 'nx' || option === 'xx') && condition === null) condition = option
    else if (option === 'keepttl' && !isTimed) keepsExpiry = true
    else if (unit !== undefined && !isTimed && index + 1 < args.count)
      time = { index: ++index, unit }
    else throw syntaxError()
  }
  const expiresAt = time === null ? null : positiveExpiryOf(call, time.index, time.unit, 'msetex')
  return { condition, expiresAt, keepsExpiry }
}

function putPairs(
  call: Call,
  start: number,
  end: number,
  expiryOf: (keyIndex: number) => number | null,
): void {
  for (let index = start; index < end; index += 2) {
    const expiresAt = expiryOf(index)
    putAt(call, index + 1, index, expiresAt)
    call.notifyAt('$', 'set', index)
    if (expiresAt !== null) call.notifyAt('g', 'expire', index)
  }
}
