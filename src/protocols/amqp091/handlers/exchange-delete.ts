import { AmqpError } from '../errors.ts'
import { exchangeDelete, exchangeDeleteOk } from '../schema/index.ts'
import { handler } from './handler.ts'
import { demand, refuseDefaultExchange, type Resource, shown, strippedName } from './resource.ts'

/** Deleting what is not there is fine. */
export const exchangeDeleteHandler = handler(exchangeDelete, (fields, channel) => {
  const { connection } = channel
  const { broker, namespace } = connection
  const resource: Resource = { kind: 'exchange', name: strippedName(fields.exchange), namespace }
  refuseDefaultExchange(resource)
  if (resource.name.startsWith('amq.'))
    throw new AmqpError('ACCESS_REFUSED', `deletion of system ${shown(resource)} not allowed`)
  demand(connection, 'configure', resource)
  const exchange = broker.exchanges.find(namespace, resource.name)
  if (exchange !== undefined) {
    if (fields.ifUnused && broker.exchanges.isUsed(exchange))
      throw new AmqpError('PRECONDITION_FAILED', `${shown(resource)} in use`)
    broker.exchanges.delete(exchange)
  }
  if (fields.nowait) return
  if (exchange?.spec.isDurable) channel.sendWhenSafe(exchangeDeleteOk, {})
  else channel.send(exchangeDeleteOk, {})
})
