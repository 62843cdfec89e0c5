import { method } from './dsl.ts'

export const exchangeDeclare = method('exchange.declare', 40, 10, {
  reserved1: 'short',
  exchange: 'shortstr',
  type: 'shortstr',
  passive: 'bit',
  durable: 'bit',
  autoDelete: 'bit',
  internal: 'bit',
  nowait: 'bit',
  arguments: 'table',
})
export const exchangeDeclareOk = method('exchange.declare_ok', 40, 11, {})
export const exchangeDelete = method('exchange.delete', 40, 20, {
  reserved1: 'short',
  exchange: 'shortstr',
  ifUnused: 'bit',
  nowait: 'bit',
})
export const exchangeDeleteOk = method('exchange.delete_ok', 40, 21, {})
/** RabbitMQ's: an exchange feeds another. */
export const exchangeBind = method('exchange.bind', 40, 30, {
  reserved1: 'short',
  destination: 'shortstr',
  source: 'shortstr',
  routingKey: 'shortstr',
  nowait: 'bit',
  arguments: 'table',
})
export const exchangeBindOk = method('exchange.bind_ok', 40, 31, {})
export const exchangeUnbind = method('exchange.unbind', 40, 40, {
  reserved1: 'short',
  destination: 'shortstr',
  source: 'shortstr',
  routingKey: 'shortstr',
  nowait: 'bit',
  arguments: 'table',
})
/** The number is RabbitMQ's: not 41. */
export const exchangeUnbindOk = method('exchange.unbind_ok', 40, 51, {})
