import type { KeyType } from '../../../../broker/keyspace/index.ts'
import { matchesGlob } from '../../../../lib/glob.ts'
import { limits } from '../../../../limits/limits.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { cursorAt } from '../set/scan.ts'

const typeNames: readonly string[] = [
  'string',
  'list',
  'set',
  'zset',
  'hash',
  'stream',
] satisfies KeyType[]

type Options = {
  readonly count: number
  readonly pattern: string | null
  readonly type: string | null
}

export function scan({ args, db, reply }: Call): void {
  const cursor = cursorAt(args, 1)
  const { count, pattern, type } = optionsOf(args)
  const found: string[] = []
  const next = db.scan(cursor, count, key => {
    if (pattern !== null && !matchesGlob(pattern, key)) return
    if (type === null || db.typeOf(key) === type) found.push(key)
  })
  reply.array(2)
  reply.binary(String(next))
  reply.array(found.length)
  for (const key of found) reply.binary(key)
}

function optionsOf(args: Call['args']): Options {
  let count = 10
  let pattern: string | null = null
  let type: string | null = null
  for (let index = 2; index < args.count; index += 2) {
    const option = args.lower(index)
    if (option === 'novalues') {
      throw new ReplyError('ERR NOVALUES option can only be used in HSCAN')
    }
    if (index + 1 >= args.count) throw syntaxError()
    if (option === 'match') pattern = args.binary(index + 1)
    else if (option === 'type') type = typeAt(args, index + 1)
    else if (option === 'count') {
      count = numberAt(args, index + 1)
      if (count < 1) throw syntaxError()
    } else throw syntaxError()
  }
  return {
    count: Math.min(count, limits.scanCountMax),
    pattern: pattern === '*' ? null : pattern,
    type,
  }
}

/** Of names that are none, there is nothing. */
function typeAt(args: Call['args'], index: number): string {
  const name = args.lower(index)
  return typeNames.includes(name) ? name : ''
}

export function keysLike({ args, db, reply }: Call): void {
  const pattern = args.binary(1)
  const found: string[] = []
  for (const key of db.allKeys()) if (pattern === '*' || matchesGlob(pattern, key)) found.push(key)
  reply.array(found.length)
  for (const key of found) reply.binary(key)
}
