import { type HashValue, writeFieldExpiry } from '../../../../broker/keyspace/hash/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { integerAt } from '../../numbers.ts'
import { allows, type ExpireCondition } from '../generic/expire.ts'
import { invalidTime, type TimeUnit } from '../times.ts'
import { hashOf, removeFields } from './access.ts'
import { COUNT_ABOVE_0, fieldsAt, POSITIVE_COUNT } from './fields.ts'

/** HFE_MAX_ABS_TIME_MSEC: later than that no field of Redis can expire. */
const TIME_MAX = 2 ** 46 - 1

const NO_FIELD = -2
const STAYS = -1
const NOT_MET = 0
const SET = 1
const DELETED = 2

const anyway: ExpireCondition = { isNew: false, isOld: false, isLater: false, isEarlier: false }
const conditions: Readonly<Record<string, ExpireCondition>> = {
  nx: { ...anyway, isNew: true },
  xx: { ...anyway, isOld: true },
  gt: { ...anyway, isLater: true },
  lt: { ...anyway, isEarlier: true },
}

/** HEXPIRE key time [NX | XX | GT | LT] FIELDS count field … */
export const expireFields =
  (unit: TimeUnit, command: string) =>
  (call: Call): void => {
    const { args, reply } = call
    const key = call.key(1)
    const hash = hashOf(call, key)
    const time = fieldExpiryOf(call, 2, unit, command)
    const condition = conditions[args.lower(3)]
    const fields = fieldsAt(call, condition === undefined ? 3 : 4, COUNT_ABOVE_0)
    const isPast = time <= call.now
    const results = fields.map(field => resultOf(hash, field, condition ?? anyway, time))
    const chosen = [...new Set(fields.filter((_, index) => results[index] === SET))]
    if (isPast) removeFields(call, key, chosen)
    else setFieldExpiry(call, key, chosen, time)
    reply.array(results.length)
    const gone = new Set<string>()
    for (const [index, result] of results.entries()) {
      const field = fields[index]!
      reply.integer(gone.has(field) ? NO_FIELD : result === SET && isPast ? DELETED : result)
      if (result === SET && isPast) gone.add(field)
    }
  }

function resultOf(
  hash: HashValue | undefined,
  field: string,
  condition: ExpireCondition,
  time: number,
): number {
  if (hash === undefined || !hash.has(field)) return NO_FIELD
  return allows(condition, hash.expiryOf(field), time) ? SET : NOT_MET
}

/** They are to come, and the fields are there. */
export function setFieldExpiry(
  call: Call,
  key: string,
  fields: readonly string[],
  time: number,
): void {
  if (fields.length === 0) return
  call.db.change(key, 'hash', writer => writeFieldExpiry(writer, fields, time))
  call.notify('h', time === 0 ? 'hpersist' : 'hexpire', key)
}

/** Milliseconds since 1970. */
export function fieldExpiryOf(call: Call, index: number, unit: TimeUnit, command: string): number {
  const value = integerAt(call.args, index)
  if (value < 0) throw new ReplyError('ERR invalid expire time, must be >= 0')
  const base = unit.isAbsolute ? 0 : call.now
  const time = Number(value) * unit.ms + base
  if (time > TIME_MAX) throw invalidTime(command)
  return time
}

/** -2: there is no such field; -1: it stays. Seconds that are left are rounded up. */
export const fieldExpiry =
  (ms: 1 | 1000, isAbsolute: boolean) =>
  (call: Call): void => {
    const { reply } = call
    const hash = hashOf(call, call.key(1))
    const fields = fieldsAt(call, 2, POSITIVE_COUNT)
    reply.array(fields.length)
    for (const field of fields) {
      const time = hash?.has(field) === true ? hash.expiryOf(field) : undefined
      if (time === undefined) reply.integer(NO_FIELD)
      else if (time === null) reply.integer(STAYS)
      else reply.integer(Math.ceil((time - (isAbsolute ? 0 : call.now)) / ms))
    }
  }

/** HPERSIST key FIELDS count field … */
export function persistFields(call: Call): void {
  const { reply } = call
  const key = call.key(1)
  const hash = hashOf(call, key)
  const fields = fieldsAt(call, 2, POSITIVE_COUNT)
  const results = fields.map(field => {
    if (hash?.has(field) !== true) return NO_FIELD
    return hash.expiryOf(field) === null ? STAYS : SET
  })
  setFieldExpiry(
    call,
    key,
    fields.filter((_, index) => results[index] === SET),
    0,
  )
  reply.array(results.length)
  for (const result of results) reply.integer(result)
}
