import type { Broker } from '../../broker/broker.ts'

/** What all connections of the protocol share. */
export type Services = {
  readonly broker: Broker
}
