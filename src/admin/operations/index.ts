import type { Operation } from '../operation.ts'
import { alarmOperations } from './alarms.ts'
import { definitionOperations } from './definitions.ts'
import { messageOperations } from './messages.ts'
import { namespaceOperations } from './namespaces.ts'
import { parameterOperations } from './parameters.ts'
import { permissionOperations } from './permissions.ts'
import { policyOperations } from './policies.ts'
import { queueOperations } from './queues.ts'
import { resetOperations } from './reset.ts'
import { routingOperations } from './routing.ts'
import { sessionOperations } from './sessions.ts'
import { statusOperations } from './status.ts'
import { userOperations } from './users.ts'

/** Everything that can be asked for locally, by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    ...statusOperations,
    ...alarmOperations,
    ...definitionOperations,
    ...messageOperations,
    ...namespaceOperations,
    ...parameterOperations,
    ...permissionOperations,
    ...policyOperations,
    ...queueOperations,
    ...resetOperations,
    ...routingOperations,
    ...sessionOperations,
    ...userOperations,
  ].map(one => [one.name, one]),
)
