import type { Command } from '../../command.ts'
import type { KeyFinder } from '../../command.ts'
import { oneKey } from '../set/keys.ts'
import { getSet, set, setFor, setMany, setManyFor, setManyNew, setNew } from './set.ts'

/** Of MSETEX: every other word after their number. */
const countedPairs: KeyFinder = {
  access: 'OW',
  find: args => {
    const count = Number(args.binary(1))
    if (!Number.isInteger(count) || count < 1 || 2 + count * 2 > args.count) return []
    return Array.from({ length: count }, (_, index) => 2 + index * 2)
  },
}

export const setCommands: readonly Command[] = [
  {
    name: 'set',
    arity: -3,
    group: 'string',
    flags: ['write', 'denyoom'],
    keys: [oneKey('RW')],
    since: '1.0.0',
    summary: 'Gives a key a value, whatever it was.',
    run: set,
  },
  {
    name: 'setnx',
    arity: 3,
    group: 'string',
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey('OW')],
    since: '1.0.0',
    summary: 'Gives a key a value unless it is there.',
    run: setNew,
  },
  {
    name: 'setex',
    arity: 4,
    group: 'string',
    flags: ['write', 'denyoom'],
    keys: [oneKey('OW')],
    since: '2.0.0',
    summary: 'Gives a key a value and a time to live in seconds.',
    run: setFor(1000, 'setex'),
  },
  {
    name: 'psetex',
    arity: 4,
    group: 'string',
    flags: ['write', 'denyoom'],
    keys: [oneKey('OW')],
    since: '2.6.0',
    summary: 'Gives a key a value and a time to live in milliseconds.',
    run: setFor(1, 'psetex'),
  },
  {
    name: 'getset',
    arity: 3,
    group: 'string',
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey('RW')],
    since: '1.0.0',
    summary: 'Gives a key a value, and says what it was.',
    run: getSet,
  },
  {
    name: 'mset',
    arity: -3,
    group: 'string',
    flags: ['write', 'denyoom'],
    keys: [{ access: 'OW', first: 1, last: -1, step: 2 }],
    since: '1.0.1',
    summary: 'Gives several keys their values.',
    run: setMany,
  },
  {
    name: 'msetnx',
    arity: -3,
    group: 'string',
    flags: ['write', 'denyoom'],
    keys: [{ access: 'OW', first: 1, last: -1, step: 2 }],
    since: '1.0.1',
    summary: 'Gives several keys their values if none of them is there.',
    run: setManyNew,
  },
  {
    name: 'msetex',
    arity: -4,
    group: 'string',
    flags: ['write', 'denyoom'],
    keys: [countedPairs],
    since: '8.4.0',
    summary: 'Gives several keys their values and a time to live.',
    run: setManyFor,
  },
]
