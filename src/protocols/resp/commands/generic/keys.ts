import { parseIntegerText } from '../../../../lib/integer-text.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'

export function deleteKeys(call: Call): void {
  const { args, db, reply } = call
  let deleted = 0
  for (let index = 1; index < args.count; index++) {
    const key = args.binary(index)
    if (!db.delete(key)) continue
    deleted++
    call.notify('g', 'del', key)
  }
  reply.integer(deleted)
}

/** A key that is named twice counts twice. */
export function countKeys({ args, db, reply }: Call): void {
  let found = 0
  for (let index = 1; index < args.count; index++) if (db.has(args.binary(index))) found++
  reply.integer(found)
}

export function typeOf({ args, db, reply }: Call): void {
  reply.simple(db.typeOf(args.binary(1)) ?? 'none')
}

export function randomKey({ db, reply }: Call): void {
  const key = db.randomKey()
  if (key === undefined) reply.nothing()
  else reply.binary(key)
}

export function size({ db, reply }: Call): void {
  reply.integer(db.count())
}

export function flush(call: Call): void {
  demandFlushOptions(call)
  call.db.flush()
  call.reply.ok()
}

export function flushAll(call: Call): void {
  demandFlushOptions(call)
  const { services } = call
  for (let index = 0; index < services.databaseCount; index++) services.database(index).flush()
  call.reply.ok()
}

function demandFlushOptions({ args }: Call): void {
  if (args.count === 1) return
  if (args.count > 2 || !(args.is(1, 'sync') || args.is(1, 'async'))) throw syntaxError()
}

export function swap(call: Call): void {
  const one = databaseNumber(call, 1, 'ERR invalid first DB index')
  const other = databaseNumber(call, 2, 'ERR invalid second DB index')
  const { broker, databaseCount } = call.services
  const isThere = (index: number): boolean => index >= 0 && index < databaseCount
  if (!isThere(one) || !isThere(other)) throw new ReplyError('ERR DB index is out of range')
  broker.keyspace.swap(one, other)
  call.reply.ok()
}

function databaseNumber({ args }: Call, index: number, error: string): number {
  const value = parseIntegerText(args.binary(index))
  if (typeof value !== 'number' || Math.abs(value) > 2 ** 31) throw new ReplyError(error)
  return value
}
