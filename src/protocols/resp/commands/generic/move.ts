import type { Database } from '../../../../broker/keyspace/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerAt } from '../../numbers.ts'

const noSuchKey = (): ReplyError => new ReplyError('ERR no such key')
const sameObjects = (): ReplyError =>
  new ReplyError('ERR source and destination objects are the same')

export function rename(call: Call): void {
  const { args } = call
  renameTo(call, args.binary(1), args.binary(2))
  call.reply.ok()
}

export function renameNew(call: Call): void {
  const { args, db, reply } = call
  const key = args.binary(1)
  const newKey = args.binary(2)
  if (!db.has(key)) throw noSuchKey()
  if (db.has(newKey)) return reply.integer(0)
  renameTo(call, key, newKey)
  reply.integer(1)
}

function renameTo(call: Call, key: string, newKey: string): void {
  if (!call.db.rename(key, newKey)) throw noSuchKey()
  if (key === newKey) return
  call.notify('g', 'rename_from', key)
  call.notify('g', 'rename_to', newKey)
}

/** MOVE key db */
export function move(call: Call): void {
  const { args, db, reply } = call
  const target = databaseAt(call, 2)
  if (target === db) throw sameObjects()
  const key = args.binary(1)
  if (!db.has(key) || target.has(key)) return reply.integer(0)
  db.rename(key, key, target)
  call.notify('g', 'move_from', key)
  notifyIn(call, target, 'move_to', key)
  reply.integer(1)
}

/** COPY source destination [DB number] [REPLACE] */
export function copy(call: Call): void {
  const { args, db, reply } = call
  let target = db
  let isReplacing = false
  for (let index = 3; index < args.count; index++) {
    if (args.is(index, 'replace')) isReplacing = true
    else if (args.is(index, 'db') && index + 1 < args.count) target = databaseAt(call, ++index)
    else throw syntaxError()
  }
  const key = args.binary(1)
  const newKey = args.binary(2)
  if (target === db && key === newKey) throw sameObjects()
  if (!db.has(key) || (!isReplacing && target.has(newKey))) return reply.integer(0)
  db.copy(key, newKey, target)
  notifyIn(call, target, 'copy_to', newKey)
  reply.integer(1)
}

function notifyIn({ services }: Call, db: Database, event: string, key: string): void {
  const { notifier } = services
  if (!notifier.isSilent) notifier.notify(db.index, 'g', event, key)
}

function databaseAt({ args, services }: Call, index: number): Database {
  const value = integerAt(args, index)
  if (value < -(2 ** 31) || value >= 2 ** 31) {
    throw new ReplyError('ERR value is out of range, value must between -2147483648 and 2147483647')
  }
  if (value < 0 || value >= services.databaseCount || typeof value !== 'number')
    throw new ReplyError('ERR DB index is out of range')
  return services.database(value)
}
