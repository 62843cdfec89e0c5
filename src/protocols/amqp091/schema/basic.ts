import { method } from './dsl.ts'

export const basicQos = method('basic.qos', 60, 10, {
  prefetchSize: 'long',
  prefetchCount: 'short',
  global: 'bit',
})
export const basicQosOk = method('basic.qos_ok', 60, 11, {})
export const basicConsume = method('basic.consume', 60, 20, {
  reserved1: 'short',
  queue: 'shortstr',
  consumerTag: 'shortstr',
  noLocal: 'bit',
  noAck: 'bit',
  exclusive: 'bit',
  nowait: 'bit',
  arguments: 'table',
})
export const basicConsumeOk = method('basic.consume_ok', 60, 21, { consumerTag: 'shortstr' })
export const basicCancel = method('basic.cancel', 60, 30, {
  consumerTag: 'shortstr',
  nowait: 'bit',
})
export const basicCancelOk = method('basic.cancel_ok', 60, 31, { consumerTag: 'shortstr' })
export const basicPublish = method('basic.publish', 60, 40, {
  reserved1: 'short',
  exchange: 'shortstr',
  routingKey: 'shortstr',
  mandatory: 'bit',
  immediate: 'bit',
})
export const basicReturn = method('basic.return', 60, 50, {
  replyCode: 'short',
  replyText: 'shortstr',
  exchange: 'shortstr',
  routingKey: 'shortstr',
})
export const basicDeliver = method('basic.deliver', 60, 60, {
  consumerTag: 'shortstr',
  deliveryTag: 'longlong',
  redelivered: 'bit',
  exchange: 'shortstr',
  routingKey: 'shortstr',
})
export const basicGet = method('basic.get', 60, 70, {
  reserved1: 'short',
  queue: 'shortstr',
  noAck: 'bit',
})
export const basicGetOk = method('basic.get_ok', 60, 71, {
  deliveryTag: 'longlong',
  redelivered: 'bit',
  exchange: 'shortstr',
  routingKey: 'shortstr',
  messageCount: 'long',
})
export const basicGetEmpty = method('basic.get_empty', 60, 72, { reserved1: 'shortstr' })
export const basicAck = method('basic.ack', 60, 80, { deliveryTag: 'longlong', multiple: 'bit' })
export const basicReject = method('basic.reject', 60, 90, {
  deliveryTag: 'longlong',
  requeue: 'bit',
})
export const basicRecoverAsync = method('basic.recover_async', 60, 100, { requeue: 'bit' })
export const basicRecover = method('basic.recover', 60, 110, { requeue: 'bit' })
export const basicRecoverOk = method('basic.recover_ok', 60, 111, {})
/** RabbitMQ's, in both directions. */
export const basicNack = method('basic.nack', 60, 120, {
  deliveryTag: 'longlong',
  multiple: 'bit',
  requeue: 'bit',
})

/** RabbitMQ's publisher confirms. */
export const confirmSelect = method('confirm.select', 85, 10, { nowait: 'bit' })
export const confirmSelectOk = method('confirm.select_ok', 85, 11, {})

export const txSelect = method('tx.select', 90, 10, {})
export const txSelectOk = method('tx.select_ok', 90, 11, {})
export const txCommit = method('tx.commit', 90, 20, {})
export const txCommitOk = method('tx.commit_ok', 90, 21, {})
export const txRollback = method('tx.rollback', 90, 30, {})
export const txRollbackOk = method('tx.rollback_ok', 90, 31, {})
