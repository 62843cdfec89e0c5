import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { streamOf } from './access.ts'

const DURATION_SECONDS_MAX = 86_400
const ENTRIES_MAX = 10_000

function configure(call: Call): void {
  const { args, reply } = call
  const stream = streamOf(call, args.key(1))
  if (stream === undefined) throw new ReplyError('ERR no such key')
  let durationSeconds: number | undefined
  let entriesMax: number | undefined
  for (let index = 2; index < args.count; index += 2) {
    const hasMore = index + 1 < args.count
    if (hasMore && args.is(index, 'idmp-duration')) {
      if (durationSeconds !== undefined) throw twice('IDMP-DURATION')
      durationSeconds = numberAt(args, index + 1)
      if (durationSeconds < 1 || durationSeconds > DURATION_SECONDS_MAX)
        throw new ReplyError(
          `ERR IDMP-DURATION must be between 1 and ${DURATION_SECONDS_MAX} seconds`,
        )
    } else if (hasMore && args.is(index, 'idmp-maxsize')) {
      if (entriesMax !== undefined) throw twice('IDMP-MAXSIZE')
      entriesMax = numberAt(args, index + 1)
      if (entriesMax < 1 || entriesMax > ENTRIES_MAX)
        throw new ReplyError(`ERR IDMP-MAXSIZE must be between 1 and ${ENTRIES_MAX} entries`)
    } else throw syntaxError()
  }
  if (durationSeconds === undefined && entriesMax === undefined)
    throw new ReplyError('ERR At least one parameter must be specified')
  stream.configure({
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(entriesMax === undefined ? {} : { entriesMax }),
  })
  reply.ok()
}

const twice = (what: string): ReplyError => new ReplyError(`ERR ${what} specified multiple times`)

export const configureCommands: readonly Command[] = [
  {
    name: 'xcfgset',
    arity: -2,
    group: 'stream',
    flags: ['write', 'fast'],
    keys: [{ access: 'RW', first: 1, last: 1, step: 1 }],
    since: '8.6.0',
    summary: 'Sets how long, and of how many entries, producers are remembered.',
    run: configure,
  },
]
