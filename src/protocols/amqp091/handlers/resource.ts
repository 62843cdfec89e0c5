import type { Operation } from '../../../broker/access/index.ts'
import type { ConnectionPort } from '../channel-port.ts'
import { AmqpError } from '../errors.ts'

/** A queue or exchange, as reply texts name it. */
export type Resource = {
  readonly kind: 'queue' | 'exchange'
  readonly name: string
  readonly namespace: string
}

/** "queue 'q' in vhost '/'". */
export const shown = ({ kind, name, namespace }: Resource): string =>
  `${kind} '${name}' in vhost '${namespace}'`

export const notFound = (resource: Resource): AmqpError =>
  new AmqpError('NOT_FOUND', `no ${shown(resource)}`)

/** Some clients let line breaks slip into names. */
export const strippedName = (name: string): string => name.replaceAll(/[\r\n]/g, '')

/** Throws ACCESS_REFUSED when the connection's user may not do that. */
export function demand(connection: ConnectionPort, operation: Operation, resource: Resource): void {
  const { broker, user, namespace } = connection
  if (broker.access.may(user, namespace, operation, resource.name)) return
  throw new AmqpError(
    'ACCESS_REFUSED',
    `${operation} access to ${shown(resource)} refused for user '${user.name}'`,
  )
}

/** For looking whether something is there: any permission will do. */
export function demandAny(connection: ConnectionPort, resource: Resource): void {
  const { broker, user, namespace } = connection
  const { name } = resource
  if (broker.access.may(user, namespace, 'read', name)) return
  if (broker.access.may(user, namespace, 'write', name)) return
  demand(connection, 'configure', resource)
}

export function refuseDefaultExchange({ kind, name }: Resource): void {
  if (kind === 'exchange' && name === '')
    throw new AmqpError('ACCESS_REFUSED', 'operation not permitted on the default exchange')
}

/** Only the broker makes such names. What is there already may have them. */
export function refuseReservedName({ kind, name }: Resource): void {
  if (name.startsWith('amq.'))
    throw new AmqpError('ACCESS_REFUSED', `${kind} name '${name}' contains reserved prefix 'amq.*'`)
}
