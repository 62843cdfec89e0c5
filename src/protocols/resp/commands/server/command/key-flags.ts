import type { Command, KeyAccess, KeyUse } from '../../../command.ts'
import { usesOf } from '../../../keys.ts'

/**
 * What commands do with their keys, rule by rule, where it is not what follows from the access
 * alone (redis, src/commands). COMMAND says it; nothing else asks.
 */
const groups: Readonly<Record<string, string>> = {
  'OW insert': 'msetnx setnx',
  'RO ':
    'exists hexists hlen hstrlen llen memory|usage object|encoding object|freq ' +
    'object|idletime object|refcount scard sismember strlen touch type watch xlen zcard',
  'RW access': 'pfcount pfdebug',
  'RW access delete':
    'blmpop blpop brpop bzmpop bzpopmax bzpopmin getdel lmpop lpop rpop spop zmpop ' +
    'zpopmax zpopmin',
  'RW access delete, OW insert': 'renamenx',
  'RW access delete, OW update': 'rename',
  'RW access delete, RW access delete': 'migrate',
  'RW access delete, RW insert': 'blmove brpoplpush lmove rpoplpush smove',
  'RW access insert, RO access': 'pfmerge',
  'RW access update':
    'decr decrby eval evalsha fcall getex getset hincrby hincrbyfloat incr incrby ' +
    'incrbyfloat move setbit zincrby',
  'RW access update variable_flags': 'bitfield set',
  'RW delete':
    'hdel lrem ltrim srem xautoclaim xdel xgroup|delconsumer xgroup|destroy xtrim zrem ' +
    'zremrangebylex zremrangebyrank zremrangebyscore',
  'RW insert':
    'append hsetnx linsert lpush lpushx pfadd rpush rpushx sadd xgroup|create ' +
    'xgroup|createconsumer',
}

type Flags = readonly (KeyAccess | KeyUse)[]

const byName = new Map<string, readonly Flags[]>()
for (const [rules, names] of Object.entries(groups)) {
  const flags = rules.split(', ').map(rule => rule.trim().split(' ') as unknown as Flags)
  for (const name of names.split(' ')) byName.set(name, flags)
}

/** Of one rule of a command: its access first. */
export function keyFlags({ name, keys = [] }: Command, index: number): Flags {
  const rule = keys[index]!
  const known = byName.get(name)
  // Our rules may be fewer, or more, than Redis'.
  if (known?.length === keys.length) return known[index]!
  return [rule.access, ...usesOf(rule)]
}
