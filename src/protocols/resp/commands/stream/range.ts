import type { Call, Command } from '../../command.ts'
import { syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { streamOf, writeEntry } from './access.ts'
import { fromAt, toAt } from './ids.ts'

const keys = [{ access: 'RO', first: 1, last: 1, step: 1 }] as const

function range(call: Call, isReversed: boolean): void {
  const { args, reply } = call
  const from = fromAt(args, isReversed ? 3 : 2)
  const to = toAt(args, isReversed ? 2 : 3)
  let count = -1
  for (let index = 4; index < args.count; index += 2) {
    if (!args.is(index, 'count') || index + 1 >= args.count) throw syntaxError()
    count = Math.max(0, numberAt(args, index + 1))
  }
  const stream = streamOf(call, args.key(1))
  if (stream === undefined) return reply.array(0)
  if (count === 0) return reply.noArray()
  const span = stream.range(from, to, Math.max(0, count), isReversed)
  reply.array(span.count)
  stream.show(span, entry => writeEntry(reply, entry))
}

export const rangeCommands: readonly Command[] = [
  {
    name: 'xlen',
    arity: 2,
    group: 'stream',
    flags: ['readonly', 'fast'],
    keys,
    since: '5.0.0',
    summary: 'How many entries a stream has.',
    run: call => call.reply.integer(streamOf(call, call.args.key(1))?.length ?? 0),
  },
  {
    name: 'xrange',
    arity: -4,
    group: 'stream',
    flags: ['readonly'],
    keys,
    since: '5.0.0',
    summary: 'The entries between two ids.',
    run: call => range(call, false),
  },
  {
    name: 'xrevrange',
    arity: -4,
    group: 'stream',
    flags: ['readonly'],
    keys,
    since: '5.0.0',
    summary: 'The entries between two ids, the last one first.',
    run: call => range(call, true),
  },
]
