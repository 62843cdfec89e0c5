import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import { DEFAULT_NAMESPACE } from '../../broker/topic/index.ts'
import { change } from '../change.ts'
import { nothing } from '../shapes.ts'

const DEFAULT_USER = 'guest'

export const resetOperations = [
  change('reset', nothing, ({ broker, process }) => {
    if (!process.isSuspended)
      throw new BrokerError('precondition-failed', 'suspend the broker first: a reset deletes all')
    reset(broker)
  }),
]

/** All that is stored goes in one run, and so as a whole; then it is as at the very first start. */
function reset(broker: Broker): void {
  const { namespaces } = broker
  for (const { name } of [...namespaces.all()]) {
    if (name === DEFAULT_NAMESPACE) continue
    namespaces.put(name, { isProtected: false })
    namespaces.delete(name)
  }
  emptyDefaultNamespace(broker)
  for (const name of [...broker.parameters.globals().keys()]) broker.parameters.clearGlobal(name)
  for (const { groupId } of [...broker.groups.list()]) broker.groups.delete(groupId, () => {})
  resetUsers(broker)
}

function emptyDefaultNamespace(broker: Broker): void {
  const { namespaces, queues, topics, exchanges, policies, parameters } = broker
  const space = DEFAULT_NAMESPACE
  for (const queue of [...queues.inNamespace(space)]) queues.delete(queue)
  for (const topic of [...topics.all()]) if (!topic.isDeleted) topics.deleteNow(topic.id)
  exchanges.dropNamespace(space)
  for (const { name } of [...policies.list(space)]) policies.delete(space, name)
  for (const { name } of [...policies.listOperator(space)]) policies.deleteOperator(space, name)
  for (const { component, name } of [...parameters.list(space)])
    parameters.clear(space, component, name)
  namespaces.setTraced(space, false)
  namespaces.put(space, {
    description: 'Default virtual host',
    tags: [],
    defaultQueueType: null,
    isProtected: false,
    connectionsMax: null,
    queuesMax: null,
  })
}

function resetUsers({ access }: Broker): void {
  for (const { name } of [...access.all()]) access.delete(name)
  access.add(DEFAULT_USER, DEFAULT_USER, { tags: ['administrator'] })
  const all = { configure: '.*', write: '.*', read: '.*' }
  access.setPermission(DEFAULT_USER, DEFAULT_NAMESPACE, all)
}
