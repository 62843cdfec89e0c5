import type { Call, Command, CommandFlag } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { type ClientSubscriptions, subscriptionsOf } from '../../subscriptions/index.ts'

/** One of the three ways to subscribe. */
type Kind = {
  readonly subscribe: string
  readonly unsubscribe: string
  readonly add: (subscriptions: ClientSubscriptions, name: string) => void
  readonly remove: (subscriptions: ClientSubscriptions, name: string) => void
  readonly names: (subscriptions: ClientSubscriptions) => ReadonlySet<string>
  /** What the client is told that it has now. */
  readonly count: (subscriptions: ClientSubscriptions) => number
}

const ordinary = (subscriptions: ClientSubscriptions): number =>
  subscriptions.channelCount + subscriptions.patternCount

const byName: Kind = {
  subscribe: 'subscribe',
  unsubscribe: 'unsubscribe',
  add: (subscriptions, name) => subscriptions.subscribe(name),
  remove: (subscriptions, name) => subscriptions.unsubscribe(name),
  names: subscriptions => subscriptions.channels,
  count: ordinary,
}
const byPattern: Kind = {
  subscribe: 'psubscribe',
  unsubscribe: 'punsubscribe',
  add: (subscriptions, name) => subscriptions.subscribePattern(name),
  remove: (subscriptions, name) => subscriptions.unsubscribePattern(name),
  names: subscriptions => subscriptions.patterns,
  count: ordinary,
}
const sharded: Kind = {
  subscribe: 'ssubscribe',
  unsubscribe: 'sunsubscribe',
  add: (subscriptions, name) => subscriptions.subscribeShard(name),
  remove: (subscriptions, name) => subscriptions.unsubscribeShard(name),
  names: subscriptions => subscriptions.shards,
  count: subscriptions => subscriptions.shardCount,
}

const own = ({ client, services }: Call): ClientSubscriptions => subscriptionsOf(client, services)

/** A line for each name, also for one it was subscribed to. */
function subscribe(call: Call, kind: Kind): void {
  const subscriptions = own(call)
  for (let index = 1; index < call.args.count; index++) {
    const name = call.args.binary(index)
    kind.add(subscriptions, name)
    tell(call, { event: kind.subscribe, name, count: kind.count(subscriptions) })
  }
}

/** Without names, all; and there is a line even when there was none. */
function unsubscribe(call: Call, kind: Kind): void {
  const subscriptions = own(call)
  const names = wanted(call, kind.names(subscriptions))
  for (const name of names) {
    kind.remove(subscriptions, name)
    tell(call, { event: kind.unsubscribe, name, count: kind.count(subscriptions) })
  }
  if (names.length > 0) return
  tell(call, { event: kind.unsubscribe, name: null, count: kind.count(subscriptions) })
}

function wanted({ args }: Call, all: ReadonlySet<string>): readonly string[] {
  if (args.count === 1) return [...all]
  return Array.from({ length: args.count - 1 }, (_, index) => args.binary(index + 1))
}

function tell(
  { client }: Call,
  told: { readonly event: string; readonly name: string | null; readonly count: number },
): void {
  const { pushes } = client
  pushes.push(3)
  pushes.binary(told.event)
  if (told.name === null) pushes.nothing()
  else pushes.binary(told.name)
  pushes.integer(told.count)
}

function subscribeShards(call: Call): void {
  if (!call.mayBlock) {
    throw new ReplyError("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
  }
  subscribe(call, sharded)
}

const flags: readonly CommandFlag[] = ['pubsub', 'noscript', 'loading', 'stale']
const group = 'pubsub'

export const subscribeCommands: readonly Command[] = [
  {
    name: 'subscribe',
    arity: -2,
    group,
    flags,
    since: '2.0.0',
    summary: 'Hears what is published to channels.',
    run: call => subscribe(call, byName),
  },
  {
    name: 'unsubscribe',
    arity: -1,
    group,
    flags,
    since: '2.0.0',
    summary: 'Leaves channels, or all of them.',
    run: call => unsubscribe(call, byName),
  },
  {
    name: 'psubscribe',
    arity: -2,
    group,
    flags,
    since: '2.0.0',
    summary: 'Hears all channels whose names match patterns.',
    run: call => subscribe(call, byPattern),
  },
  {
    name: 'punsubscribe',
    arity: -1,
    group,
    flags,
    since: '2.0.0',
    summary: 'Leaves patterns, or all of them.',
    run: call => unsubscribe(call, byPattern),
  },
  {
    name: 'ssubscribe',
    arity: -2,
    group,
    flags,
    since: '7.0.0',
    summary: 'Hears what is published to channels of shards.',
    run: subscribeShards,
  },
  {
    name: 'sunsubscribe',
    arity: -1,
    group,
    flags,
    since: '7.0.0',
    summary: 'Leaves channels of shards, or all of them.',
    run: call => unsubscribe(call, sharded),
  },
]
