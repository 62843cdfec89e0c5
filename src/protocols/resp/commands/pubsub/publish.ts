import { DEFAULT_NAMESPACE } from '../../../../broker/topic/index.ts'
import type { Call, Command, CommandFlag } from '../../command.ts'

function publish({ args, reply, services }: Call): void {
  const channels = services.broker.channels.in(DEFAULT_NAMESPACE)
  const { bytes, starts, ends } = args
  reply.integer(channels.publish(args.key(1), bytes, starts[2], ends[2]))
}

function publishToShard({ args, reply, services }: Call): void {
  const channels = services.broker.channels.in(DEFAULT_NAMESPACE)
  const { bytes, starts, ends } = args
  reply.integer(channels.publishSharded(args.key(1), bytes, starts[2], ends[2]))
}

const flags: readonly CommandFlag[] = ['pubsub', 'loading', 'stale', 'fast', 'may_replicate']

export const publishCommands: readonly Command[] = [
  {
    name: 'publish',
    arity: 3,
    group: 'pubsub',
    flags,
    since: '2.0.0',
    summary: 'Sends a message to who is subscribed, and to the topic of that name if there is one.',
    run: publish,
  },
  {
    name: 'spublish',
    arity: 3,
    group: 'pubsub',
    flags,
    since: '7.0.0',
    summary: 'Sends a message to who is subscribed to a channel of a shard.',
    run: publishToShard,
  },
]
