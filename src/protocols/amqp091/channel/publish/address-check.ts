import { BrokerError } from '../../../../broker/errors.ts'
import type { ChannelHost } from '../../channel-port.ts'
import { AmqpError } from '../../errors.ts'
import type { Address } from './addresses.ts'
import type { ChannelServices } from '../services.ts'

/** What permissions call the exchange without a name. */
const DEFAULT_EXCHANGE = 'amq.default'

/** Finds the route of an address and whether the user may publish there; throws if not. */
export function resolve(address: Address, host: ChannelHost, services: ChannelServices): void {
  const { broker } = services
  const { user, namespace } = host.connection
  const { exchange, routingKey } = address
  const accessVersion = broker.access.version
  const name = exchange === '' ? DEFAULT_EXCHANGE : exchange
  if (!broker.access.may(user, namespace, 'write', name))
    throw new AmqpError(
      'ACCESS_REFUSED',
      `write access to exchange '${name}' in vhost '${namespace}' refused for user '${user.name}'`,
    )
  if (!address.isReply) address.route = route(address, host, services)
  checkTopic(exchange, routingKey, host, services)
  address.accessVersion = accessVersion
}

function route(address: Address, host: ChannelHost, services: ChannelServices) {
  const { namespace } = host.connection
  const { exchange, routingKey } = address
  const named = `exchange '${exchange}' in vhost '${namespace}'`
  try {
    return services.broker.publisher.route(namespace, exchange, routingKey)
  } catch (error) {
    const { kind } = BrokerError.from(error)
    if (kind === 'not-found') throw new AmqpError('NOT_FOUND', `no ${named}`)
    if (kind === 'access-refused')
      throw new AmqpError('ACCESS_REFUSED', `cannot publish to internal ${named}`)
    throw error
  }
}

/** Topic permissions are about topic exchanges only. */
export function checkTopic(
  exchange: string,
  routingKey: string,
  host: ChannelHost,
  { broker }: ChannelServices,
): void {
  const { user, namespace } = host.connection
  if (exchange === '') return
  if (broker.exchanges.find(namespace, exchange)?.spec.type !== 'topic') return
  const request = { operation: 'write', exchange, routingKey } as const
  if (broker.access.mayTopic(user, namespace, request)) return
  throw new AmqpError(
    'ACCESS_REFUSED',
    `write access to topic '${routingKey}' in exchange '${exchange}' in vhost '${namespace}' ` +
      `refused for user '${user.name}'`,
  )
}
