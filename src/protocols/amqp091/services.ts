import type { Broker } from '../../broker/broker.ts'
import type { OpenChannel } from './channel-port.ts'

/** What all connections of the protocol share. */
export type Services = {
  readonly broker: Broker
  readonly openChannel: OpenChannel
  hasReplyQueue(name: string): boolean
}
