import type { ImportContext } from '../import.ts'
import { putNamespace } from './namespaces.ts'
import { putGlobalParameter, putParameter, putPolicy } from './policies.ts'
import { putBinding, putExchange, putQueue } from './topology.ts'
import { putPermission, putTopicPermission, putUser } from './users.ts'

export type Outcome = 'made' | 'changed' | 'kept'

export type SectionName =
  | 'users'
  | 'vhosts'
  | 'permissions'
  | 'exchanges'
  | 'topic_permissions'
  | 'global_parameters'
  | 'policies'
  | 'parameters'
  | 'queues'
  | 'bindings'

export type Section = {
  readonly name: SectionName
  /** Its definitions belong to a namespace, and are part of definitions of a single one. */
  readonly isOfNamespace: boolean
  /** Throws BrokerError, naming the definition. */
  readonly put: (context: ImportContext, value: unknown) => Outcome
}

/** In the order in which they need each other. */
export const sections: readonly Section[] = [
  { name: 'users', isOfNamespace: false, put: putUser },
  { name: 'vhosts', isOfNamespace: false, put: putNamespace },
  { name: 'permissions', isOfNamespace: false, put: putPermission },
  { name: 'exchanges', isOfNamespace: true, put: putExchange },
  { name: 'topic_permissions', isOfNamespace: false, put: putTopicPermission },
  { name: 'global_parameters', isOfNamespace: false, put: putGlobalParameter },
  { name: 'policies', isOfNamespace: true, put: putPolicy },
  { name: 'parameters', isOfNamespace: true, put: putParameter },
  { name: 'queues', isOfNamespace: true, put: putQueue },
  { name: 'bindings', isOfNamespace: true, put: putBinding },
]
