import type { Arguments } from '../../../lib/resp/index.ts'
import type { Command, KeyAccess } from '../command.ts'
import { isKeyFinder } from '../keys.ts'

/** What of a key a command needs: to see what is in it, and to change it. */
export type KeyNeed = { readonly reads: boolean; readonly writes: boolean }

const none: KeyNeed = { reads: false, writes: false }
const read: KeyNeed = { reads: true, writes: false }
const write: KeyNeed = { reads: false, writes: true }
const both: KeyNeed = { reads: true, writes: true }

const usual: Readonly<Record<KeyAccess, KeyNeed>> = { RO: read, OW: write, RM: write, RW: both }

/** Change what is there, and show nothing of it (redis, src/commands). */
const blindWrites = new Set(
  (
    'append expire expireat geoadd hdel hexpire hexpireat hmset hpersist hpexpire hpexpireat ' +
    'hset hsetex hsetnx linsert lpush lpushx lrem lset ltrim msetex persist pexpire ' +
    'pexpireat pfadd rpush rpushx sadd setrange srem xack xackdel xadd xautoclaim ' +
    'xcfgset xclaim xdel xdelex ' +
    'xgroup|create xgroup|createconsumer xgroup|delconsumer xgroup|destroy xgroup|setid xnack ' +
    'xsetid xtrim zadd zrem zremrangebylex zremrangebyrank zremrangebyscore'
  ).split(' '),
)

/** Tell of a key no more than that it is there, how long or of what kind it is. */
const glances = new Set(
  (
    'exists hexists hlen hstrlen llen memory|usage object|encoding object|freq object|idletime ' +
    'object|refcount scard sismember strlen touch type watch xlen zcard'
  ).split(' '),
)

/** The second key is where things go. */
const moves = new Set('blmove blmovem brpoplpush lmove lmovem rpoplpush smove'.split(' '))

/** Calls `visit` for each word that is a key until that is false; whether it never was. */
export function everyKey(
  command: Command,
  args: Arguments,
  visit: (index: number, need: KeyNeed) => boolean,
): boolean {
  const { keys = [] } = command
  for (let at = 0; at < keys.length; at++) {
    const rule = keys[at]!
    const need = needOf(command.name, rule.access, at, args)
    if (isKeyFinder(rule)) {
      for (const index of rule.find(args)) if (!visit(index, need)) return false
      continue
    }
    const last = Math.min(rule.last < 0 ? args.count + rule.last : rule.last, args.count - 1)
    for (let index = rule.first; index <= last; index += rule.step)
      if (!visit(index, need)) return false
  }
  return true
}

function needOf(name: string, access: KeyAccess, at: number, args: Arguments): KeyNeed {
  if (blindWrites.has(name)) return write
  if (glances.has(name)) return none
  if (moves.has(name) && at === 1) return write
  if (name === 'pfcount') return read
  if (name === 'set') return hasWord(args, 3, 'get') ? both : write
  if (name === 'bitfield') return changesBits(args) ? both : read
  return usual[access]
}

function hasWord(args: Arguments, from: number, word: string): boolean {
  for (let index = from; index < args.count; index++)
    if (args.sizeBytes(index) === word.length && args.lower(index) === word) return true
  return false
}

const changesBits = (args: Arguments): boolean =>
  hasWord(args, 2, 'set') || hasWord(args, 2, 'incrby')
