import {
  ownArgumentsFlaw,
  type QueueType,
  settingsOf,
  sourceOf,
} from '../../../broker/policy/index.ts'
import type { Queue } from '../../../broker/queue/queue.ts'
import type { Channel } from '../channel.ts'
import type { ConnectionPort } from '../channel-port.ts'
import { emptyTable, type FieldTable, jsonOf } from '../codec/index.ts'
import { AmqpError } from '../errors.ts'
import { queueDeclare, queueDeclareOk, type ShapeOf } from '../schema/index.ts'
import { demandSame, demandSameArguments } from './equivalence.ts'
import { handler } from './handler.ts'
import { accessibleQueue, locked, queueResource } from './queue-access.ts'
import { checkQueueArguments, comparedArguments, queueTypeOf } from './queue-arguments.ts'
import {
  demand,
  demandAny,
  notFound,
  refuseReservedName,
  type Resource,
  shown,
} from './resource.ts'

type Declaration = ShapeOf<typeof queueDeclare.fields>

type Declared = {
  readonly name: string
  readonly messageCount: number
  readonly consumerCount: number
  /** Something has to be on the disk before the client is told. */
  readonly isChanged: boolean
}

/** Bytes of a name that nobody guesses; 22 characters, as RabbitMQ's. */
const NAME_KEY_BYTES = 16
/** Arguments with their types, which texts name: as long as the queue is in memory. */
const fieldsOf = new WeakMap<Queue, FieldTable>()

const NAME_PREFIX = 'amq.gen-'
const REPLY_QUEUES = 'amq.rabbitmq.reply-to'

export const queueDeclareHandler = handler(queueDeclare, (declaration, channel) => {
  const { name, messageCount, consumerCount, isChanged } = declared(channel, declaration)
  channel.queueLast = name
  if (declaration.nowait) return
  const ok = { queue: name, messageCount, consumerCount }
  if (isChanged) channel.sendWhenSafe(queueDeclareOk, ok)
  else channel.send(queueDeclareOk, ok)
})

function declared(channel: Channel, declaration: Declaration): Declared {
  const { connection } = channel
  const queue = queueResource(connection.namespace, declaration.queue)
  if (queue.name.startsWith(REPLY_QUEUES)) return replyQueue(channel, queue)
  return declaration.passive ? looked(connection, queue) : declare(connection, queue, declaration)
}

/** A client's reply queue consists of its one consumer. */
function replyQueue({ connection }: Channel, queue: Resource): Declared {
  const isThere = queue.name === REPLY_QUEUES || connection.hasReplyQueue(queue.name)
  if (!isThere) throw notFound(queue)
  return { name: queue.name, messageCount: 0, consumerCount: 1, isChanged: false }
}

function looked(connection: ConnectionPort, resource: Resource): Declared {
  demandAny(connection, resource)
  const { broker, namespace } = connection
  const topic = broker.topics.find(namespace, resource.name)
  const found = broker.queues.find(namespace, resource.name)
  if (found === undefined && topic !== undefined) {
    // A topic of another protocol: it can be bound, and read like a stream.
    const messageCount = topic.partitions.reduce(
      (sum, { log }) => sum + (log.confirmedEnd - log.startOffset),
      0,
    )
    return { name: resource.name, messageCount, consumerCount: 0, isChanged: false }
  }
  return counted(accessibleQueue(connection, resource))
}

const counted = ({ spec, readyCount, consumerCount }: Queue): Declared => ({
  name: spec.name,
  messageCount: readyCount,
  consumerCount,
  isChanged: false,
})

function declare(connection: ConnectionPort, wish: Resource, declaration: Declaration): Declared {
  const { broker, namespace, session, user } = connection
  const { exclusive, autoDelete, arguments: args } = declaration
  // Exclusive queues end with their connection, whatever else was said.
  const isDurable = declaration.durable && !exclusive
  const type = typeOf(connection, wish, declaration)
  const queue = { ...wish, name: wish.name === '' ? serverName(connection, args, type) : wish.name }
  if (wish.name !== '' && broker.queues.find(namespace, queue.name) === undefined)
    refuseReservedName(queue)
  demand(connection, 'configure', queue)
  broker.lists.vacate(namespace, queue.name)
  const found = broker.queues.find(namespace, queue.name)
  if (found !== undefined) {
    demandAlike(connection, found, { isDurable, exclusive, autoDelete, args })
    found.declared(user.name, args === emptyTable ? {} : jsonOf(args))
    return counted(found)
  }
  checkDeadLetterExchange(connection, queue, args)
  checkQueueArguments(queue, args, type)
  checkTypeFits(queue, type, declaration)
  checkQueueLimit(connection, queue)
  const json = args === emptyTable ? {} : jsonOf(args)
  const { source, ...options } = sourceOf(json)
  checkOwnArguments(connection, queue, json)
  const made = broker.queues.declare(
    {
      namespace,
      name: queue.name,
      isDurable,
      isAutoDelete: autoDelete,
      owner: exclusive ? session.id : null,
      user: user.name,
      declared: json,
      type,
      source,
    },
    settingsOf(type, json, {}),
    options,
  )
  if (args !== emptyTable) fieldsOf.set(made, args)
  return { name: queue.name, messageCount: 0, consumerCount: 0, isChanged: isDurable }
}

/** As asked; else the namespace's default, where the queue can be one; else classic. */
function typeOf(
  { broker, namespace }: ConnectionPort,
  queue: Resource,
  { durable, exclusive, autoDelete, arguments: args }: Declaration,
): QueueType {
  const usual = broker.namespaces.find(namespace)?.defaultQueueType ?? 'classic'
  const mayBeReplicated = durable && !exclusive && !autoDelete && queue.name !== ''
  return queueTypeOf(queue, args, mayBeReplicated ? usual : 'classic')
}

function serverName(connection: ConnectionPort, args: FieldTable, type: QueueType): string {
  if (type !== 'classic')
    throw new AmqpError(
      'PRECONDITION_FAILED',
      `Cannot declare a server-named queue for type rabbit_${type}_queue`,
    )
  const prefix = args.get('x-name-prefix')
  const { random } = connection.broker.runtime
  const key = random.bytes(NAME_KEY_BYTES).toString('base64url')
  return `${prefix?.type === 'longstr' ? String(prefix.value) : NAME_PREFIX}${key}`
}

function demandAlike(
  { session }: ConnectionPort,
  queue: Queue,
  wish: {
    readonly isDurable: boolean
    readonly exclusive: boolean
    readonly autoDelete: boolean
    readonly args: FieldTable
  },
): void {
  const { spec } = queue
  const resource = queueResource(spec.namespace, spec.name)
  const owner = wish.exclusive ? session.id : null
  if (spec.owner !== owner) throw locked(resource)
  demandSame(resource, 'durable', { received: wish.isDurable, current: spec.isDurable })
  demandSame(resource, 'auto_delete', { received: wish.autoDelete, current: spec.isAutoDelete })
  demandSameArguments(resource, comparedArguments(spec.type), wish.args, {
    declared: spec.declared,
    fields: fieldsOf.get(queue),
  })
}

/** Dead letters are read from the queue and sent on: only by who may do both. */
function checkDeadLetterExchange(
  connection: ConnectionPort,
  queue: Resource,
  args: FieldTable,
): void {
  const name = 'x-dead-letter-exchange'
  const field = args.get(name)
  if (field === undefined) return
  if (field.type !== 'longstr')
    throw new AmqpError(
      'PRECONDITION_FAILED',
      `invalid type '${field.type}' for arg '${name}' in ${shown(queue)}`,
    )
  demand(connection, 'read', queue)
  demand(connection, 'write', { ...queue, kind: 'exchange', name: String(field.value) })
}

/** What RabbitMQ does not have. A queue on another topic is a way to read it. */
function checkOwnArguments(
  connection: ConnectionPort,
  queue: Resource,
  json: Readonly<Record<string, unknown>>,
): void {
  const flaw = ownArgumentsFlaw(json)
  if (flaw !== undefined)
    throw new AmqpError('PRECONDITION_FAILED', `invalid arg for ${shown(queue)}: ${flaw}`)
  const { source } = sourceOf(json)
  if (source !== null) demand(connection, 'read', { ...queue, name: source })
}

export function checkTypeFits(
  queue: Resource,
  type: QueueType,
  declaration: Pick<Declaration, 'autoDelete' | 'exclusive' | 'durable'>,
): void {
  if (type === 'classic') return
  const flaw = declaration.autoDelete
    ? 'auto-delete'
    : declaration.exclusive
      ? 'exclusive-owner'
      : declaration.durable
        ? null
        : 'non-durable'
  if (flaw === null) return
  throw new AmqpError('PRECONDITION_FAILED', `invalid property '${flaw}' for ${shown(queue)}`)
}

export function checkQueueLimit(
  { broker, namespace }: Pick<ConnectionPort, 'broker' | 'namespace'>,
  queue: Resource,
): void {
  const max = broker.namespaces.find(namespace)?.queuesMax ?? null
  if (max === null || [...broker.queues.inNamespace(namespace)].length < max) return
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `cannot declare ${shown(queue)}: queue limit in vhost '${namespace}' (${max}) is reached`,
  )
}
