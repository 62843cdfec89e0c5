import { AmqpError } from '../errors.ts'
import { queueDelete, queueDeleteOk } from '../schema/index.ts'
import { handler } from './handler.ts'
import { demandUnlocked, queueResource } from './queue-access.ts'
import { demand, shown } from './resource.ts'

/** Deleting what is not there is fine; so is a topic that no queue is declared for, which stays. */
export const queueDeleteHandler = handler(queueDelete, (fields, channel) => {
  const { connection } = channel
  const { broker, namespace } = connection
  const resource = queueResource(namespace, channel.queueNamed(fields.queue))
  demand(connection, 'configure', resource)
  const queue = broker.queues.find(namespace, resource.name)
  let messageCount = 0
  if (queue !== undefined) {
    demandUnlocked(connection, queue)
    if (fields.ifUnused && queue.consumerCount > 0)
      throw new AmqpError('PRECONDITION_FAILED', `${shown(resource)} in use`)
    if (fields.ifEmpty && queue.readyCount > 0)
      throw new AmqpError('PRECONDITION_FAILED', `${shown(resource)} not empty`)
    messageCount = queue.readyCount
    broker.queues.delete(queue)
  }
  if (fields.nowait) return
  if (queue?.spec.isDurable) channel.sendWhenSafe(queueDeleteOk, { messageCount })
  else channel.send(queueDeleteOk, { messageCount })
})
