import type { Command } from '../../command.ts'
import { keysFrom, oneKey } from '../set/keys.ts'
import { add, count, merge } from './commands.ts'

export const hyperloglogCommands: readonly Command[] = [
  {
    name: 'pfadd',
    arity: -2,
    group: 'hyperloglog',
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey('RW')],
    since: '2.8.9',
    summary: 'Adds elements to a HyperLogLog.',
    run: add,
  },
  {
    name: 'pfcount',
    arity: -2,
    group: 'hyperloglog',
    flags: ['readonly', 'may_replicate'],
    keys: [keysFrom('RW', 1)],
    since: '2.8.9',
    summary: 'About how many different elements there are.',
    run: count,
  },
  {
    name: 'pfmerge',
    arity: -2,
    group: 'hyperloglog',
    flags: ['write', 'denyoom'],
    keys: [oneKey('RW'), keysFrom('RO', 2)],
    since: '2.8.9',
    summary: 'Puts several HyperLogLogs together.',
    run: merge,
  },
]
