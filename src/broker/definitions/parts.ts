import type { Users } from '../access/index.ts'
import type { Namespaces } from '../namespace/index.ts'
import type { Parameters, Policies } from '../policy/index.ts'
import type { Queues } from '../queue/index.ts'
import type { Exchanges } from '../routing/index.ts'
import type { Runtime } from '../runtime.ts'

/** What definitions are about. A broker is all of it. */
export type DefinitionParts = {
  readonly runtime: Runtime
  readonly namespaces: Namespaces
  readonly access: Users
  readonly policies: Policies
  readonly parameters: Parameters
  readonly queues: Queues
  readonly exchanges: Exchanges
}

/** What is written into every export: tools of RabbitMQ look at it before they import. */
export type DefinitionNames = {
  /** The RabbitMQ whose definitions these could be. */
  readonly rabbitmqVersion: string
  readonly productName: string
  readonly productVersion: string
}
