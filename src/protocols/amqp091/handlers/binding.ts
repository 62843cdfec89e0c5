import type { Binding } from '../../../broker/routing/index.ts'
import type { Channel } from '../channel.ts'
import { type FieldTable, jsonOf, jsonValue } from '../codec/index.ts'
import { AmqpError } from '../errors.ts'
import {
  type DraftOf,
  exchangeBind,
  exchangeBindOk,
  exchangeUnbind,
  exchangeUnbindOk,
  type Method,
  queueBind,
  queueBindOk,
  queueUnbind,
  queueUnbindOk,
} from '../schema/index.ts'
import { handler } from './handler.ts'
import { demandUnlocked } from './queue-access.ts'
import {
  demand,
  notFound,
  refuseDefaultExchange,
  type Resource,
  shown,
  strippedName,
} from './resource.ts'

type Empty = Record<never, never>
type Wish = {
  readonly action: 'bind' | 'unbind'
  readonly source: string
  readonly destination: Omit<Resource, 'namespace'>
  readonly routingKey: string
  readonly arguments: FieldTable
  /** Null: the client wants no reply. */
  readonly reply: Method<Empty> | null
}

export const queueBindHandler = handler(queueBind, (fields, channel) => {
  const isRoutedByName = fields.queue === '' && fields.routingKey === ''
  const name = channel.queueNamed(fields.queue)
  serve(channel, {
    action: 'bind',
    source: fields.exchange,
    destination: { kind: 'queue', name },
    routingKey: isRoutedByName ? name : fields.routingKey,
    arguments: fields.arguments,
    reply: fields.nowait ? null : queueBindOk,
  })
})

export const queueUnbindHandler = handler(queueUnbind, (fields, channel) => {
  const isRoutedByName = fields.queue === '' && fields.routingKey === ''
  const name = channel.queueNamed(fields.queue)
  serve(channel, {
    action: 'unbind',
    source: fields.exchange,
    destination: { kind: 'queue', name },
    routingKey: isRoutedByName ? name : fields.routingKey,
    arguments: fields.arguments,
    reply: queueUnbindOk,
  })
})

export const exchangeBindHandler = handler(exchangeBind, (fields, channel) => {
  serve(channel, {
    action: 'bind',
    source: fields.source,
    destination: { kind: 'exchange', name: fields.destination },
    routingKey: fields.routingKey,
    arguments: fields.arguments,
    reply: fields.nowait ? null : exchangeBindOk,
  })
})

export const exchangeUnbindHandler = handler(exchangeUnbind, (fields, channel) => {
  serve(channel, {
    action: 'unbind',
    source: fields.source,
    destination: { kind: 'exchange', name: fields.destination },
    routingKey: fields.routingKey,
    arguments: fields.arguments,
    reply: fields.nowait ? null : exchangeUnbindOk,
  })
})

function serve(channel: Channel, wish: Wish): void {
  const { connection } = channel
  const { broker, namespace } = connection
  const source: Resource = { kind: 'exchange', name: strippedName(wish.source), namespace }
  const destination: Resource = {
    kind: wish.destination.kind,
    name: strippedName(wish.destination.name),
    namespace,
  }
  if (destination.kind === 'queue' && destination.name.startsWith('amq.rabbitmq.reply-to'))
    throw new AmqpError(
      'ACCESS_REFUSED',
      'cannot bind or unbind to a volatile (direct reply-to) queue',
    )
  demand(connection, 'write', destination)
  refuseDefaultExchange(destination)
  refuseDefaultExchange(source)
  demand(connection, 'read', source)
  demandTopic(channel, source, wish.routingKey)
  if (wish.action === 'bind') demandEnds(channel, source, destination)
  demandUnlockedEnd(channel, destination)
  if (wish.action === 'bind') checkMatch(channel, source, wish.arguments)
  const binding: Binding = {
    namespace,
    source: source.name,
    destination: destination.name,
    destinationKind: destination.kind,
    routingKey: wish.routingKey,
    declared: jsonOf(wish.arguments),
  }
  const isChange = broker.exchanges.isBound(binding) === (wish.action === 'unbind')
  broker.exchanges[wish.action](binding)
  if (wish.reply === null) return
  const none: DraftOf<Empty> = {}
  if (isChange && isKept(channel, source, destination)) channel.sendWhenSafe(wish.reply, none)
  else channel.send(wish.reply, none)
}

/** Topic permissions hold for what is bound to topic exchanges. */
function demandTopic({ connection }: Channel, source: Resource, routingKey: string): void {
  const { broker, namespace, user } = connection
  if (broker.exchanges.find(namespace, source.name)?.spec.type !== 'topic') return
  const request = { operation: 'read', exchange: source.name, routingKey } as const
  if (broker.access.mayTopic(user, namespace, request)) return
  throw new AmqpError(
    'ACCESS_REFUSED',
    `read access to topic '${routingKey}' in ${shown(source)} refused for user '${user.name}'`,
  )
}

/** Both are there. Unbinding what is gone is fine. */
function demandEnds({ connection }: Channel, source: Resource, destination: Resource): void {
  const { exchanges, queues, topics } = connection.broker
  const { namespace } = connection
  const { name } = destination
  if (exchanges.find(namespace, source.name) === undefined) throw notFound(source)
  const isThere =
    destination.kind === 'exchange'
      ? exchanges.find(namespace, name) !== undefined
      : queues.find(namespace, name) !== undefined || topics.find(namespace, name) !== undefined
  if (!isThere) throw notFound(destination)
}

function demandUnlockedEnd({ connection }: Channel, { kind, name }: Resource): void {
  if (kind === 'exchange') return
  const queue = connection.broker.queues.find(connection.namespace, name)
  if (queue !== undefined) demandUnlocked(connection, queue)
}

/** How headers are matched is a text; what it may say, the broker checks. */
function checkMatch({ connection }: Channel, source: Resource, args: FieldTable): void {
  const field = args.get('x-match')
  if (field === undefined || field.type === 'longstr') return
  const exchange = connection.broker.exchanges.find(connection.namespace, source.name)
  if (exchange?.spec.type !== 'headers') return
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `Invalid x-match field type ${field.type} (value ${String(jsonValue(field))}); ` +
      'expected longstr',
  )
}

/** Whether a binding of the two survives a restart. */
function isKept({ connection }: Channel, source: Resource, destination: Resource): boolean {
  const { broker, namespace } = connection
  if (broker.exchanges.find(namespace, source.name)?.spec.isDurable !== true) return false
  if (destination.kind === 'exchange')
    return broker.exchanges.find(namespace, destination.name)?.spec.isDurable === true
  return broker.queues.find(namespace, destination.name)?.spec.isDurable !== false
}
