import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'

export const clientPauseCommands: readonly Command[] = [
  {
    name: 'client|pause',
    arity: -3,
    group: 'connection',
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '3.0.0',
    summary: 'Lets the commands of all clients wait.',
    run: pause,
  },
  {
    name: 'client|unpause',
    arity: 2,
    group: 'connection',
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '6.2.0',
    summary: 'Ends a pause.',
    run: ({ services, reply }) => {
      services.clients.unpause()
      reply.ok()
    },
  },
]

function pause({ args, services, reply }: Call): void {
  if (args.count > 4) throw syntaxError()
  const isWrites = args.count === 4 && args.is(3, 'write')
  if (args.count === 4 && !isWrites && !args.is(3, 'all'))
    throw new ReplyError('ERR CLIENT PAUSE mode must be WRITE or ALL')
  const text = args.binary(2)
  if (!/^-?\d{1,15}$/.test(text))
    throw new ReplyError('ERR timeout is not an integer or out of range')
  const timeoutMs = Number(text)
  if (timeoutMs < 0) throw new ReplyError('ERR timeout is negative')
  services.clients.pause(timeoutMs, isWrites ? 'writes' : 'all')
  reply.ok()
}
