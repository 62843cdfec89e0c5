import type { Broker } from '../broker/broker.ts'
import { amqp091 } from './amqp091/index.ts'
import { kafka } from './kafka/index.ts'
import type { Protocol } from './protocol.ts'

/** Every wire protocol there is. Each gives its face of one broker. */
export const protocolFactories: readonly ((broker: Broker) => Protocol)[] = [kafka, amqp091]
