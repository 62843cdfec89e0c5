import * as z from 'zod'
import type { Broker } from '../../broker/broker.ts'
import type { Namespace, NamespaceChange } from '../../broker/namespace/index.ts'
import { change } from '../change.ts'
import { operation } from '../operation.ts'
import { limit, name, named, nothing } from '../shapes.ts'

const changes = {
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  defaultQueueType: z.string().nullable().optional(),
  isProtected: z.boolean().optional(),
  connectionsMax: limit.optional(),
  queuesMax: limit.optional(),
}

export const namespaceOperations = [
  operation('list-namespaces', nothing, ({ broker }) =>
    [...broker.namespaces.all()].map(namespace => row(broker, namespace)),
  ),
  operation('describe-namespace', named, ({ broker }, { name: wanted }) =>
    row(broker, broker.namespaces.get(wanted)),
  ),
  change(
    'add-namespace',
    z.strictObject({ name, ifAbsent: z.boolean().default(false), ...changes }),
    ({ broker }, { name: wanted, ifAbsent, ...rest }) => {
      if (ifAbsent && broker.namespaces.has(wanted)) return { created: false }
      broker.namespaces.add(wanted, specified(rest))
      return { created: true }
    },
  ),
  change(
    'alter-namespace',
    z.strictObject({ name, ...changes }),
    ({ broker }, { name: wanted, ...rest }) => {
      broker.namespaces.get(wanted)
      broker.namespaces.put(wanted, specified(rest))
    },
  ),
  change('delete-namespace', named, ({ broker }, { name: wanted }) =>
    broker.namespaces.delete(wanted),
  ),
  operation(
    'trace',
    z.strictObject({ namespace: name, isOn: z.boolean() }),
    ({ broker }, { namespace, isOn }) => broker.namespaces.setTraced(namespace, isOn),
  ),
]

/** What was not said stays; the broker checks the rest. */
const specified = (given: object): NamespaceChange =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

const row = (broker: Broker, namespace: Namespace) => ({
  name: namespace.name,
  description: namespace.description,
  tags: namespace.tags,
  defaultQueueType: namespace.defaultQueueType,
  isProtected: namespace.isProtected,
  isTraced: namespace.isTraced,
  connectionsMax: namespace.connectionsMax,
  queuesMax: namespace.queuesMax,
  ...counts(broker, namespace.name),
})

const counts = ({ queues, sessions }: Broker, name: string) => ({
  queues: [...queues.inNamespace(name)].length,
  connections: sessions.countInNamespace(name),
})
