import type { Call, Command, CommandFlag } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

const flags: readonly CommandFlag[] = ['no_async_loading', 'admin', 'noscript', 'stale']

/** There are no replicas: what asks for them says so. */
export const replicationCommands: readonly Command[] = [
  {
    name: 'role',
    arity: 1,
    group: 'server',
    flags: ['noscript', 'loading', 'stale', 'fast'],
    categories: ['admin', 'dangerous'],
    since: '2.8.12',
    summary: 'A master without replicas.',
    run: ({ reply }) => {
      reply.array(3)
      reply.text('master')
      reply.integer(0)
      reply.array(0)
    },
  },
  {
    name: 'replicaof',
    arity: 3,
    group: 'server',
    flags,
    since: '5.0.0',
    summary: 'Not here, but for NO ONE.',
    run: replicaOf,
  },
  {
    name: 'slaveof',
    arity: 3,
    group: 'server',
    flags,
    since: '1.0.0',
    summary: 'Not here, but for NO ONE.',
    run: replicaOf,
  },
  {
    name: 'failover',
    arity: -1,
    group: 'server',
    flags: ['admin', 'noscript', 'stale'],
    since: '6.2.0',
    summary: 'Not here: there are no replicas.',
    run: () => {
      throw new ReplyError('ERR FAILOVER requires connected replicas.')
    },
  },
]

function replicaOf({ args, reply }: Call): void {
  if (!args.is(1, 'no') || !args.is(2, 'one'))
    throw new ReplyError('ERR REPLICAOF is not supported: this broker does not replicate')
  reply.ok()
}
