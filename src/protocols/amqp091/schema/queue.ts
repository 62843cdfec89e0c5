import { method } from './dsl.ts'

export const queueDeclare = method('queue.declare', 50, 10, {
  reserved1: 'short',
  queue: 'shortstr',
  passive: 'bit',
  durable: 'bit',
  exclusive: 'bit',
  autoDelete: 'bit',
  nowait: 'bit',
  arguments: 'table',
})
export const queueDeclareOk = method('queue.declare_ok', 50, 11, {
  queue: 'shortstr',
  messageCount: 'long',
  consumerCount: 'long',
})
export const queueBind = method('queue.bind', 50, 20, {
  reserved1: 'short',
  queue: 'shortstr',
  exchange: 'shortstr',
  routingKey: 'shortstr',
  nowait: 'bit',
  arguments: 'table',
})
export const queueBindOk = method('queue.bind_ok', 50, 21, {})
export const queuePurge = method('queue.purge', 50, 30, {
  reserved1: 'short',
  queue: 'shortstr',
  nowait: 'bit',
})
export const queuePurgeOk = method('queue.purge_ok', 50, 31, { messageCount: 'long' })
export const queueDelete = method('queue.delete', 50, 40, {
  reserved1: 'short',
  queue: 'shortstr',
  ifUnused: 'bit',
  ifEmpty: 'bit',
  nowait: 'bit',
})
export const queueDeleteOk = method('queue.delete_ok', 50, 41, { messageCount: 'long' })
export const queueUnbind = method('queue.unbind', 50, 50, {
  reserved1: 'short',
  queue: 'shortstr',
  exchange: 'shortstr',
  routingKey: 'shortstr',
  arguments: 'table',
})
export const queueUnbindOk = method('queue.unbind_ok', 50, 51, {})
