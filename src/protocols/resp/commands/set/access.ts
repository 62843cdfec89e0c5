import { SetValue, writeRemoved } from '../../../../broker/keyspace/set/index.ts'
import { limits } from '../../../../limits/limits.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

/** The set of a key; undefined when there is none. Throws WRONGTYPE. */
export function setOf(call: Call, key: string): SetValue | undefined {
  return call.db.find<SetValue>(key, 'set')
}

/** More would not fit into one index. Asked before anything is changed. */
export function demandFits(count: number): void {
  if (count > limits.setMembersMax) {
    throw new ReplyError(`ERR a set cannot hold more than ${limits.setMembersMax} members`)
  }
}

/** Takes members away, of which all are in the set, and says so. */
export function takeMembers(
  call: Call,
  { key, set, event }: { readonly key: string; readonly set: SetValue; readonly event: string },
  members: readonly string[],
): void {
  const isEmptied = members.length === set.count
  call.db.change(key, 'set', writer => writeRemoved(writer, members))
  call.notify('s', event, key)
  if (isEmptied) call.notify('g', 'del', key)
}

/** Small sets of integers are shown in order, as Redis keeps them. The caller may change it. */
export function membersOf(set: SetValue): string[] {
  const members = [...set.members]
  return set.encoding === 'intset' ? members.sort(byNumber) : members
}

/** Digits beyond 2^53 would be the same as numbers. */
function byNumber(one: string, other: string): number {
  const isNegative = one.startsWith('-')
  if (isNegative !== other.startsWith('-')) return isNegative ? -1 : 1
  const isLess = one.length === other.length ? one < other : one.length < other.length
  return isLess === isNegative ? 1 : -1
}
