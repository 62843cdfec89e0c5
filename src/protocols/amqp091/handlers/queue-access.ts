import type { Queue } from '../../../broker/queue/queue.ts'
import type { ConnectionPort } from '../channel-port.ts'
import { AmqpError } from '../errors.ts'
import { notFound, type Resource, shown, strippedName } from './resource.ts'

export const queueResource = (namespace: string, name: string): Resource => ({
  kind: 'queue',
  name: strippedName(name),
  namespace,
})

/** The queue, which has to be there and must not belong to another connection alone. */
export function accessibleQueue(connection: ConnectionPort, resource: Resource): Queue {
  const queue = connection.broker.queues.find(resource.namespace, resource.name)
  if (queue === undefined) throw notFound(resource)
  demandUnlocked(connection, queue)
  return queue
}

/** Throws RESOURCE_LOCKED for the exclusive queue of another connection. */
export function demandUnlocked({ session }: ConnectionPort, { spec }: Queue): void {
  if (spec.owner === null || spec.owner === session.id) return
  throw locked(queueResource(spec.namespace, spec.name))
}

export const locked = (queue: Resource): AmqpError =>
  new AmqpError(
    'RESOURCE_LOCKED',
    `cannot obtain exclusive access to locked ${shown(queue)}. It could be originally declared ` +
      'on another connection or the exclusive property value does not match that of the ' +
      'original declaration.',
  )
