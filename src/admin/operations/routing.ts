import * as z from 'zod'
import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import type { Binding, Exchange } from '../../broker/routing/index.ts'
import { declareExchange } from '../../protocols/amqp091/declarations.ts'
import { change } from '../change.ts'
import { operation } from '../operation.ts'
import { json, name, namedIn, namespace, ofNamespace } from '../shapes.ts'
import { OPERATOR } from './queues.ts'

const flag = z.boolean().default(false)
const binding = z.strictObject({
  namespace,
  source: name,
  destination: name,
  destinationKind: z.enum(['queue', 'exchange']).default('queue'),
  routingKey: z.string().default(''),
  declared: json.default({}),
})

export const routingOperations = [
  operation('list-exchanges', ofNamespace, ({ broker }, { namespace: space }) =>
    spacesOf(broker, space).flatMap(one =>
      [...broker.exchanges.inNamespace(one)].map(exchange => exchangeRow(broker, exchange)),
    ),
  ),
  operation('describe-exchange', namedIn, ({ broker }, asked) => {
    broker.namespaces.get(asked.namespace)
    const exchange = broker.exchanges.existing(asked.namespace, asked.name)
    return {
      ...exchangeRow(broker, exchange),
      settings: exchange.settings,
      bindings: [...broker.exchanges.bindingsFrom(asked.namespace, asked.name)],
    }
  }),
  change(
    'declare-exchange',
    namedIn.extend({
      type: z.string().default('direct'),
      isDurable: z.boolean().default(true),
      isAutoDelete: flag,
      isInternal: flag,
      declared: json.default({}),
    }),
    ({ broker }, wish) => ({ created: declareExchange(broker, wish, OPERATOR) }),
  ),
  change(
    'delete-exchange',
    namedIn.extend({ ifUnused: flag }),
    ({ broker: { exchanges, namespaces } }, asked) => {
      namespaces.get(asked.namespace)
      const exchange = exchanges.existing(asked.namespace, asked.name)
      if (asked.ifUnused && exchanges.isUsed(exchange)) {
        const shown = `exchange '${asked.name}' in vhost '${asked.namespace}'`
        throw new BrokerError('precondition-failed', `${shown} in use`)
      }
      exchanges.delete(exchange)
    },
  ),
  operation('list-bindings', ofNamespace, ({ broker }, { namespace: space }) =>
    spacesOf(broker, space).flatMap(one => [...broker.exchanges.bindings(one)]),
  ),
  change('bind', binding, ({ broker }, asked) => {
    broker.namespaces.get(asked.namespace)
    const created = !broker.exchanges.isBound(asked)
    broker.exchanges.bind(asked)
    return { created }
  }),
  change('unbind', binding, ({ broker }, asked) => {
    if (!broker.exchanges.isBound(asked))
      throw new BrokerError('not-found', `there is no binding ${shownBinding(asked)}`)
    broker.exchanges.unbind(asked)
  }),
]

function spacesOf({ namespaces }: Broker, space: string | undefined): readonly string[] {
  if (space === undefined) return [...namespaces.all()].map(({ name: one }) => one)
  return [namespaces.get(space).name]
}

function exchangeRow({ policies }: Broker, { spec, publishedIn, publishedOut }: Exchange) {
  const target = { kind: 'exchange', namespace: spec.namespace, name: spec.name } as const
  return {
    name: spec.name,
    vhost: spec.namespace,
    type: spec.type,
    durable: spec.isDurable,
    auto_delete: spec.isAutoDelete,
    internal: spec.isInternal,
    arguments: spec.declared,
    policy: policies.effective(target).policy?.name ?? '',
    user: spec.user,
    publishedIn,
    publishedOut,
  }
}

const shownBinding = ({ source, destination, destinationKind, routingKey }: Binding): string =>
  `from exchange '${source}' to ${destinationKind} '${destination}' with key '${routingKey}'`
