import {
  type HashValue,
  writeFields,
  writeFieldsStaying,
} from '../../../../broker/keyspace/hash/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerIn } from '../../numbers.ts'
import { words } from '../set/keys.ts'
import { timeOptions } from '../string/options.ts'
import { positiveExpiryOf } from '../times.ts'
import { demandFits, hashOf, removeFields } from './access.ts'
import { setFieldExpiry } from './expire.ts'
import { fieldsAt, POSITIVE_COUNT } from './fields.ts'
import { present } from './write.ts'

/** HGETDEL key FIELDS count field … */
export function getAndDelete(call: Call): void {
  const key = call.key(1)
  const hash = hashOf(call, key)
  const fields = fieldsAt(call, 2, POSITIVE_COUNT)
  const values = fields.map(field => hash?.get(field))
  const seen = new Set<string>()
  if (hash !== undefined) removeFields(call, key, present(hash, fields))
  call.reply.array(values.length)
  for (const [index, value] of values.entries()) {
    writeOnce(call, seen, fields[index]!, value)
  }
}

/** What is named twice is gone the second time. */
function writeOnce(
  { reply }: Call,
  seen: Set<string>,
  field: string,
  value: string | undefined,
): void {
  if (value === undefined || seen.has(field)) reply.nothing()
  else reply.binary(value)
  seen.add(field)
}

/** HGETEX key [EX … | PERSIST] FIELDS count field … */
export function getAndExpire(call: Call): void {
  const { args, reply } = call
  const key = call.key(1)
  const hash = hashOf(call, key)
  const option = args.lower(2)
  const unit = timeOptions[option]
  const isPersisted = option === 'persist'
  const fieldsIndex = unit === undefined ? (isPersisted ? 3 : 2) : 4
  const fields = fieldsAt(call, fieldsIndex, POSITIVE_COUNT)
  const time = unit === undefined ? null : positiveExpiryOf(call, 3, unit, 'hgetex')
  const values = fields.map(field => hash?.get(field))
  if (hash !== undefined) {
    const found = present(hash, fields)
    if (isPersisted) {
      const expiring = found.filter(field => hash.expiryOf(field) !== null)
      setFieldExpiry(call, key, expiring, 0)
    } else if (time !== null && time <= call.now) removeFields(call, key, found)
    else if (time !== null) setFieldExpiry(call, key, found, time)
  }
  reply.array(values.length)
  for (const value of values) {
    if (value === undefined) reply.nothing()
    else reply.binary(value)
  }
}

type SetOptions = {
  readonly condition: 'fnx' | 'fxx' | null
  readonly time: number | null
  readonly keepsExpiry: boolean
  readonly pairs: readonly string[]
}

/** HSETEX key [FNX | FXX] [EX … | KEEPTTL] FIELDS count field value … */
export function setAndExpire(call: Call): void {
  const { reply } = call
  const key = call.key(1)
  const hash = hashOf(call, key)
  const { condition, time, keepsExpiry, pairs } = optionsOf(call)
  const fields = pairs.filter((_, index) => index % 2 === 0)
  if (!isMet(hash, fields, condition)) return reply.integer(0)
  demandFits((hash?.count ?? 0) + fields.length)
  const write = keepsExpiry ? writeFieldsStaying : writeFields
  call.db.change(key, 'hash', writer => write(writer, pairs))
  call.notify('h', 'hset', key)
  if (time !== null && time <= call.now) removeFields(call, key, [...new Set(fields)])
  else if (time !== null) setFieldExpiry(call, key, fields, time)
  reply.integer(1)
}

function isMet(
  hash: HashValue | undefined,
  fields: readonly string[],
  condition: SetOptions['condition'],
): boolean {
  if (condition === null) return true
  return fields.every(field => (hash?.has(field) === true) === (condition === 'fxx'))
}

function optionsOf(call: Call): SetOptions {
  const { args } = call
  let condition: SetOptions['condition'] = null
  let time: number | null = null
  let keepsExpiry = false
  let index = 2
  for (; index < args.count && !args.is(index, 'fields'); index++) {
    const option = args.lower(index)
    const unit = timeOptions[option]
    const isTimed = time !== null || keepsExpiry
    if ((option === 'fnx' || option === 'fxx') && condition === null) condition = option
    else if (option === 'keepttl' && !isTimed) keepsExpiry = true
    else if (unit !== undefined && !isTimed && index + 1 < args.count)
      time = positiveExpiryOf(call, ++index, unit, 'hsetex')
    else throw syntaxError()
  }
  return { condition, time, keepsExpiry, pairs: pairsAt(call, index) }
}

function pairsAt({ args }: Call, index: number): string[] {
  const count = index + 1 < args.count ? integerIn(args, index + 1) : undefined
  if (count === undefined || count < 1) throw new ReplyError('ERR invalid number of fields')
  if (Number(count) * 2 !== args.count - index - 2) {
    throw new ReplyError('ERR numfields is inconsistent with the number of arguments')
  }
  return words(args, index + 2)
}
