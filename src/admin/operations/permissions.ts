import * as z from 'zod'
import type { UserAccount } from '../../broker/access/index.ts'
import type { Broker } from '../../broker/broker.ts'
import { change } from '../change.ts'
import { operation } from '../operation.ts'
import { name, namespace } from '../shapes.ts'
import { existing } from './users.ts'

/** Whose, or where, or both; absent: all. */
const of = z.strictObject({ user: z.string().optional(), namespace: z.string().optional() })
const pattern = z.string()

export const permissionOperations = [
  operation('list-permissions', of, ({ broker }, asked) =>
    usersOf(broker, asked).flatMap(({ name: user, permissions }) =>
      [...permissions]
        .filter(([space]) => asked.namespace === undefined || asked.namespace === space)
        .map(([space, permission]) => ({ user, namespace: space, ...permission })),
    ),
  ),
  change(
    'set-permission',
    z.strictObject({ user: name, namespace, configure: pattern, write: pattern, read: pattern }),
    ({ broker }, { user, namespace: space, ...permission }) =>
      broker.access.setPermission(user, space, permission),
  ),
  change('clear-permission', z.strictObject({ user: name, namespace }), ({ broker }, asked) =>
    broker.access.clearPermission(asked.user, asked.namespace),
  ),
  operation('list-topic-permissions', of, ({ broker }, asked) =>
    usersOf(broker, asked).flatMap(({ name: user, topicPermissions }) =>
      [...topicPermissions]
        .filter(([space]) => asked.namespace === undefined || asked.namespace === space)
        .flatMap(([space, byExchange]) =>
          [...byExchange].map(([exchange, permission]) => ({
            user,
            namespace: space,
            exchange,
            ...permission,
          })),
        ),
    ),
  ),
  change(
    'set-topic-permission',
    z.strictObject({ user: name, namespace, exchange: z.string(), write: pattern, read: pattern }),
    ({ broker }, { user, namespace: space, exchange, ...permission }) =>
      broker.access.setTopicPermission(user, space, exchange, permission),
  ),
  change(
    'clear-topic-permission',
    z.strictObject({ user: name, namespace, exchange: z.string().nullable().default(null) }),
    ({ broker }, { user, namespace: space, exchange }) =>
      broker.access.clearTopicPermission(user, space, exchange),
  ),
]

function usersOf(
  broker: Broker,
  asked: { readonly user?: string | undefined; readonly namespace?: string | undefined },
): readonly UserAccount[] {
  if (asked.namespace !== undefined) broker.namespaces.get(asked.namespace)
  return asked.user === undefined ? [...broker.access.all()] : [existing(broker, asked.user)]
}
