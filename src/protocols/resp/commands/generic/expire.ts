import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { expiryOf, type TimeUnit } from '../times.ts'

/** When a time to live is not changed: of a key that has one, has none, has a later one, … */
export type ExpireCondition = {
  readonly isNew: boolean
  readonly isOld: boolean
  readonly isLater: boolean
  readonly isEarlier: boolean
}

export const expire =
  (unit: TimeUnit, command: string) =>
  (call: Call): void => {
    const { db, reply } = call
    const condition = conditionAt(call, 3)
    const time = expiryOf(call, 2, unit, command)
    const key = call.key(1)
    const before = db.expiryOf(key)
    if (before === undefined || !allows(condition, before, time)) return reply.integer(0)
    db.expireAt(key, time)
    call.notify('g', time <= call.now ? 'del' : 'expire', key)
    reply.integer(1)
  }

function conditionAt({ args }: Call, start: number): ExpireCondition {
  let [isNew, isOld, isLater, isEarlier] = [false, false, false, false]
  for (let index = start; index < args.count; index++) {
    if (args.is(index, 'nx')) isNew = true
    else if (args.is(index, 'xx')) isOld = true
    else if (args.is(index, 'gt')) isLater = true
    else if (args.is(index, 'lt')) isEarlier = true
    else throw new ReplyError(`ERR Unsupported option ${args.binary(index)}`)
  }
  if (isNew && (isOld || isLater || isEarlier)) {
    throw new ReplyError('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if (isLater && isEarlier) {
    throw new ReplyError('ERR GT and LT options at the same time are not compatible')
  }
  return { isNew, isOld, isLater, isEarlier }
}

/** What stays expires later than anything else. */
export function allows(condition: ExpireCondition, before: number | null, time: number): boolean {
  const { isNew, isOld, isLater, isEarlier } = condition
  const current = before ?? Infinity
  if (isNew && before !== null) return false
  if (isOld && before === null) return false
  if (isLater && time <= current) return false
  return !(isEarlier && time >= current)
}

/** -2: there is no such key; -1: it stays. */
export const expiry =
  (ms: 1 | 1000, isAbsolute: boolean) =>
  (call: Call): void => {
    const time = call.db.expiryOf(call.key(1))
    if (time === undefined) call.reply.integer(-2)
    else if (time === null) call.reply.integer(-1)
    else {
      const value = isAbsolute ? time : Math.max(0, time - call.now)
      call.reply.integer(ms === 1 ? value : Math.floor((value + 500) / 1000))
    }
  }

export function persist(call: Call): void {
  const { db, reply } = call
  const key = call.key(1)
  if (typeof db.expiryOf(key) !== 'number') return reply.integer(0)
  db.expireAt(key, null)
  call.notify('g', 'persist', key)
  reply.integer(1)
}
