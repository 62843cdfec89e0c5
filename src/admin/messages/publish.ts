import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import { published } from '../../broker/publish/publisher.ts'
import { limits } from '../../limits/limits.ts'
import { type CommonProperties, type CommonValue, propertiesNone } from '../../message/common.ts'
import { origins } from '../../message/origin.ts'
import { Publication } from '../../message/publication.ts'

export type Publish = {
  readonly namespace: string
  readonly exchange: string
  readonly routingKey: string
  readonly body: Buffer
  readonly properties: Partial<Omit<CommonProperties, 'headers'>>
  readonly headers: Readonly<Record<string, unknown>>
}

/** As a client that speaks AMQP 0-9-1 would have sent it. Whether anything took it. */
export function publish(broker: Broker, asked: Publish): boolean {
  const { namespace, exchange, routingKey, body } = asked
  broker.namespaces.get(namespace)
  const max = broker.runtime.settings.messageBytesMax
  if (body.length > Math.min(max, limits.messageBytesMax))
    throw new BrokerError('too-large', `a message has ${max} bytes at most`)
  const headers = new Map(
    Object.entries(asked.headers).map(([name, value]) => [name, commonOf(value)]),
  )
  const common = { ...propertiesNone, isPersistent: true, ...asked.properties, headers }
  const publication = new Publication()
  publication.origin = origins.amqp091
  publication.addressTo(exchange, routingKey)
  publication.properties = broker.mappings.of(origins.amqp091).fromCommon(common)
  publication.propertiesEnd = publication.properties.length
  publication.body = body
  publication.bodyEnd = body.length
  publication.key = common.key
  publication.isPersistent = common.isPersistent
  publication.priority = common.priority ?? 0
  publication.ttlMs = common.ttlMs ?? -1
  const delay = headers.get('x-delay')
  if (typeof delay === 'number') publication.delayMs = delay
  const bits = broker.publisher.publish(
    broker.publisher.route(namespace, exchange, routingKey),
    publication,
  )
  if ((bits & published.rejected) !== 0)
    throw new BrokerError('precondition-failed', 'a queue refused the message: it is full')
  return (bits & published.routed) !== 0
}

function commonOf(value: unknown): CommonValue {
  if (Array.isArray(value)) return value.map(commonOf)
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([name, one]) => [name, commonOf(one)]))
  return value as CommonValue // A JSON scalar is one.
}
