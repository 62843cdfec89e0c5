import type { ChannelSpace } from '../../../../broker/channel/index.ts'
import { DEFAULT_NAMESPACE } from '../../../../broker/topic/index.ts'
import { matchesGlob } from '../../../../lib/glob.ts'
import type { Call, Command, CommandFlag } from '../../command.ts'
import { type HelpForm, helpCommand, unknownSubcommand } from '../../help.ts'

const space = ({ services }: Call): ChannelSpace => services.broker.channels.in(DEFAULT_NAMESPACE)

function list(call: Call, channels: Iterable<string>): void {
  const { args, reply } = call
  // The subcommand takes one pattern, although its arity says there may be more.
  if (args.count > 3) throw unknownSubcommand(call)
  const pattern = args.count === 3 ? args.binary(2) : null
  const found = [...channels].filter(each => pattern === null || matchesGlob(pattern, each))
  reply.array(found.length)
  for (const channel of found) reply.binary(channel)
}

function count({ args, reply }: Call, of: (channel: string) => number): void {
  reply.array((args.count - 2) * 2)
  for (let index = 2; index < args.count; index++) {
    const channel = args.binary(index)
    reply.binary(channel)
    reply.integer(of(channel))
  }
}

const flags: readonly CommandFlag[] = ['pubsub', 'loading', 'stale']
const group = 'pubsub'

const forms: readonly HelpForm[] = [
  ['CHANNELS [<pattern>]', 'Channels with subscribers, all or those that match.'],
  ['NUMPAT', 'The number of patterns with subscribers.'],
  ['NUMSUB [<channel> ...]', 'The number of subscribers of each, without those by pattern.'],
  ['SHARDCHANNELS [<pattern>]', 'The same as CHANNELS for channels of shards.'],
  ['SHARDNUMSUB [<shardchannel> ...]', 'The same as NUMSUB for channels of shards.'],
]

export const introspectCommands: readonly Command[] = [
  {
    name: 'pubsub',
    arity: -2,
    group,
    flags: [],
    since: '2.8.0',
    summary: 'Tells who is subscribed.',
    subcommands: [
      {
        name: 'pubsub|channels',
        arity: -2,
        group,
        flags,
        since: '2.8.0',
        summary: 'Channels somebody is subscribed to by name.',
        run: call => list(call, space(call).channels()),
      },
      {
        name: 'pubsub|numsub',
        arity: -2,
        group,
        flags,
        since: '2.8.0',
        summary: 'How many are subscribed to channels by name.',
        run: call => count(call, channel => space(call).countOf(channel)),
      },
      {
        name: 'pubsub|numpat',
        arity: 2,
        group,
        flags,
        since: '2.8.0',
        summary: 'How many different patterns somebody is subscribed to.',
        run: call => call.reply.integer(space(call).patternCount),
      },
      {
        name: 'pubsub|shardchannels',
        arity: -2,
        group,
        flags,
        since: '7.0.0',
        summary: 'Channels of shards somebody is subscribed to.',
        run: call => list(call, space(call).shardedChannels()),
      },
      {
        name: 'pubsub|shardnumsub',
        arity: -2,
        group,
        flags,
        since: '7.0.0',
        summary: 'How many are subscribed to channels of shards.',
        run: call => count(call, channel => space(call).countOfSharded(channel)),
      },
      helpCommand('pubsub', forms, { group, flags: ['loading', 'stale'], since: '6.2.0' }),
    ],
  },
]
