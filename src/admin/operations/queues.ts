import * as z from 'zod'
import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import type { QueueState } from '../../broker/queue/queue-state.ts'
import { Offset } from '../../lib/brand.ts'
import { declareQueue } from '../../protocols/amqp091/declarations.ts'
import { change } from '../change.ts'
import { operation } from '../operation.ts'
import { count, json, namedIn, ofNamespace } from '../shapes.ts'
import { queueRow } from './queue-rows.ts'

export const OPERATOR = 'rmq-internal'
const flag = z.boolean().default(false)

const target = z.union([
  z.strictObject({ kind: z.enum(['first', 'next']) }),
  z.strictObject({ kind: z.literal('offset'), lane: count.default(0), offset: count }),
  z.strictObject({ kind: z.literal('time'), millis: count }),
])

export const queueOperations = [
  operation('list-queues', ofNamespace, ({ broker }, { namespace }) => {
    if (namespace === undefined) return [...broker.queues.all()].map(one => queueRow(broker, one))
    broker.namespaces.get(namespace)
    return [...broker.queues.inNamespace(namespace)].map(one => queueRow(broker, one))
  }),
  operation('describe-queue', namedIn, ({ broker }, asked) => {
    const queue = queueOf(broker, asked)
    const bindings = broker.exchanges.bindingsTo(asked.namespace, 'queue', asked.name)
    return { ...queueRow(broker, queue), settings: queue.settings, bindings: [...bindings] }
  }),
  change(
    'declare-queue',
    namedIn.extend({
      isDurable: z.boolean().default(true),
      isAutoDelete: flag,
      declared: json.default({}),
    }),
    ({ broker }, wish) => ({ created: declareQueue(broker, wish, OPERATOR) }),
  ),
  change(
    'delete-queue',
    namedIn.extend({ ifEmpty: flag, ifUnused: flag }),
    ({ broker }, { ifEmpty, ifUnused, ...asked }) => {
      const queue = queueOf(broker, asked)
      const shown = `queue '${asked.name}' in vhost '${asked.namespace}'`
      if (ifUnused && queue.consumerCount > 0)
        throw new BrokerError('precondition-failed', `${shown} in use`)
      if (ifEmpty && queue.readyCount > 0)
        throw new BrokerError('precondition-failed', `${shown} not empty`)
      const messages = queue.readyCount
      broker.queues.delete(queue)
      return { messages }
    },
  ),
  change('purge-queue', namedIn, ({ broker }, asked) => ({
    messages: queueOf(broker, asked).purge(),
  })),
  change('seek-queue', namedIn.extend({ target }), async ({ broker }, asked) => {
    const queue = queueOf(broker, asked)
    const { target: to } = asked
    await queue.seek(to.kind === 'offset' ? { ...to, offset: Offset(to.offset) } : to)
    return { messages: queue.readyCount }
  }),
]

export function queueOf(
  { queues, namespaces }: Broker,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): QueueState {
  namespaces.get(namespace)
  const queue = queues.find(namespace, name)
  if (queue !== undefined) return queue
  throw new BrokerError('not-found', `no queue '${name}' in vhost '${namespace}'`)
}
