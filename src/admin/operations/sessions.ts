import * as z from 'zod'
import { BrokerError } from '../../broker/errors.ts'
import { operation } from '../operation.ts'
import { inNamespace, name, nothing } from '../shapes.ts'
import { channelRows, connectionRows, consumerRows } from './session-rows.ts'

const reason = z.string().default('closed by an operator')

export const sessionOperations = [
  operation('list-connections', nothing, ({ broker }) => [...connectionRows(broker)]),
  operation('list-channels', nothing, ({ broker }) => [...channelRows(broker)]),
  operation('list-consumers', inNamespace, ({ broker }, { namespace }) => {
    broker.namespaces.get(namespace)
    return [...consumerRows(broker, namespace)]
  }),
  operation('close-connection', z.strictObject({ name, reason }), ({ broker }, asked) => {
    const session = broker.sessions.find(asked.name)
    if (session === undefined)
      throw new BrokerError('not-found', `There is no connection '${asked.name}'.`)
    session.close(asked.reason)
  }),
  operation(
    'close-connections',
    z.strictObject({
      reason,
      namespace: z.string().optional(),
      user: z.string().optional(),
      /** The most that are closed. Absent: all. */
      limit: z.number().int().positive().optional(),
    }),
    ({ broker }, { reason: text, namespace, user, limit = Infinity }) => {
      let left = limit
      return {
        closed: broker.sessions.close(text, session => {
          if (namespace !== undefined && session.namespace !== namespace) return false
          if (user !== undefined && session.user.name !== user) return false
          return left-- > 0
        }),
      }
    },
  ),
]
