import { type HashValue, writeFieldsGone } from '../../../../broker/keyspace/hash/index.ts'
import { limits } from '../../../../limits/limits.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

/** The hash of a key, without fields that have expired; undefined when there is none. */
export function hashOf(call: Call, key: string): HashValue | undefined {
  return call.db.find<HashValue>(key, 'hash')
}

/** Takes fields away, each named once and all in the hash, and says so. */
export function removeFields(call: Call, key: string, fields: readonly string[]): void {
  if (fields.length === 0) return
  call.db.change(key, 'hash', writer => writeFieldsGone(writer, fields))
  call.notify('h', 'hdel', key)
  notifyIfGone(call, key)
}

/** After fields were taken away. */
export function notifyIfGone(call: Call, key: string): void {
  if (call.db.kindOf(key) === undefined) call.notify('g', 'del', key)
}

/** More would not fit into one index. Asked before anything is changed. */
export function demandFits(count: number): void {
  if (count <= limits.hashFieldsMax) return
  throw new ReplyError(`ERR a hash cannot hold more than ${limits.hashFieldsMax} fields`)
}

/** Fields and their values in turn, and when some of them expire. */
export function hashFieldsOf(hash: HashValue) {
  const pairs: string[] = []
  const expiry: [string, number][] = []
  for (let index = 0; index < hash.count; index++) {
    const field = hash.fields.nameAt(index)
    const time = hash.expiryOf(field)
    pairs.push(field, hash.fields.valueAt(index))
    if (time !== null) expiry.push([field, time])
  }
  return { pairs, expiry }
}
