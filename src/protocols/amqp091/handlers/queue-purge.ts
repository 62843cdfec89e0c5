import { AmqpError } from '../errors.ts'
import { queuePurge, queuePurgeOk } from '../schema/index.ts'
import { handler } from './handler.ts'
import { accessibleQueue, queueResource } from './queue-access.ts'
import { demand, shown } from './resource.ts'

export const queuePurgeHandler = handler(queuePurge, (fields, channel) => {
  const { connection } = channel
  const resource = queueResource(connection.namespace, channel.queueNamed(fields.queue))
  demand(connection, 'read', resource)
  const queue = accessibleQueue(connection, resource)
  if (queue.spec.type === 'stream')
    throw new AmqpError(
      'NOT_IMPLEMENTED',
      `queue.purge not supported by stream queues ${shown(resource)}`,
    )
  const messageCount = queue.purge()
  if (fields.nowait) return
  if (queue.spec.isDurable) channel.sendWhenSafe(queuePurgeOk, { messageCount })
  else channel.send(queuePurgeOk, { messageCount })
})
