import type { Broker } from '../broker/broker.ts'
import { amqp091 } from './amqp091/index.ts'
import { disque } from './disque/index.ts'
import { kafka } from './kafka/index.ts'
import type { Protocol } from './protocol.ts'
import { type RespOptions, resp } from './resp/index.ts'

/** What an operator may set for single protocols. */
export type ProtocolOptions = { readonly resp: RespOptions }

/** Every wire protocol there is. Each gives its face of one broker. */
export const protocolFactories: readonly ((
  broker: Broker,
  options: ProtocolOptions,
) => Protocol)[] = [kafka, amqp091, (broker, options) => resp(broker, options.resp), disque]
