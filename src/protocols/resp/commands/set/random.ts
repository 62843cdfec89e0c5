import { limits } from '../../../../limits/limits.ts'
import type { Random } from '../../../../platform/platform.ts'
import type { Call, Command } from '../../command.ts'
import { outOfRange, syntaxError } from '../../errors.ts'
import { countAt, numberAt } from '../../numbers.ts'
import { membersOf, setOf, takeMembers } from './access.ts'
import { oneKey } from './keys.ts'

/** Where half as many are wanted as there are, all are shuffled; else they are guessed. */
const SHUFFLED_SHARE = 2

export const randomOf = (call: Call): Random => call.services.broker.runtime.random

export function randomBelow(random: Random, count: number): number {
  return Math.floor(random.next() * count)
}

/** So many different ones of 0 to `size` - 1, each as likely as any other. At most `size`. */
export function sample(random: Random, size: number, count: number): number[] {
  if (count * SHUFFLED_SHARE < size) {
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(randomBelow(random, size))
    return [...chosen]
  }
  const all = Array.from({ length: size }, (_, index) => index)
  for (let at = 0; at < count; at++) {
    const other = at + randomBelow(random, size - at)
    const chosen = all[other]!
    all[other] = all[at]!
    all[at] = chosen
  }
  return all.slice(0, count)
}

/** How many are wanted: negative when the same may come again. */
export function wantedAt(call: Call, index: number): number {
  const count = numberAt(call.args, index)
  if (count < -limits.randomMembersMax) throw outOfRange()
  return count
}

function pop(call: Call): void {
  const { args, reply } = call
  if (args.count > 3) throw syntaxError()
  const hasCount = args.count === 3
  const count = hasCount ? countAt(args, 2) : 1
  const key = call.key(1)
  const set = setOf(call, key)
  if (set === undefined || count === 0) {
    if (hasCount) reply.set(0)
    else reply.nothing()
    return
  }
  const random = randomOf(call)
  const taken =
    count >= set.count
      ? membersOf(set)
      : sample(random, set.count, count).map(index => set.at(index))
  takeMembers(call, { key, set, event: 'spop' }, taken)
  if (hasCount) reply.set(taken.length)
  for (const member of taken) reply.binary(member)
}

function showRandom(call: Call): void {
  const { args, reply } = call
  if (args.count > 3) throw syntaxError()
  const hasCount = args.count === 3
  const count = hasCount ? wantedAt(call, 2) : 1
  const set = setOf(call, call.key(1))
  if (set === undefined) {
    if (hasCount) reply.array(0)
    else reply.nothing()
    return
  }
  const random = randomOf(call)
  if (!hasCount) {
    reply.binary(set.at(randomBelow(random, set.count)))
  } else if (count < 0) {
    reply.array(-count)
    for (let left = -count; left > 0; left--) {
      reply.binary(set.at(randomBelow(random, set.count)))
    }
  } else {
    const all = count >= set.count ? membersOf(set) : null
    const chosen = all ?? sample(random, set.count, count).map(index => set.at(index))
    reply.array(chosen.length)
    for (const member of chosen) reply.binary(member)
  }
}

export const randomCommands: readonly Command[] = [
  {
    name: 'spop',
    arity: -2,
    group: 'set',
    flags: ['write', 'fast'],
    keys: [oneKey('RW')],
    since: '1.0.0',
    summary: 'Takes members out of a set at random.',
    run: pop,
  },
  {
    name: 'srandmember',
    arity: -2,
    group: 'set',
    flags: ['readonly'],
    keys: [oneKey('RO')],
    since: '1.0.0',
    summary: 'Members of a set at random; they stay in it.',
    run: showRandom,
  },
]
