import type { Broker } from '../../broker/broker.ts'
import type { Protocol } from '../protocol.ts'
import { Channels } from './channel/index.ts'
import { AmqpConnection } from './connection.ts'
import { amqp091Mapping } from './mapping.ts'
import { detect } from './protocol-header.ts'
import type { Services } from './services.ts'

/** AMQP 0-9-1 with RabbitMQ's extensions, as its clients speak it. */
export function amqp091(broker: Broker): Protocol {
  const channels = new Channels(broker)
  const services: Services = {
    broker,
    openChannel: host => channels.open(host),
    hasReplyQueue: name => channels.hasReplyQueue(name),
  }
  broker.mappings.register(amqp091Mapping)
  return {
    name: 'amqp091',
    port: 5672,
    tlsPort: 5671,
    detect,
    connect: peer => new AmqpConnection(peer, services),
  }
}
