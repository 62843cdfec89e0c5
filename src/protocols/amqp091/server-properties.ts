import type { FieldTable, FieldValue } from './codec/index.ts'

const text = (value: string): FieldValue => ({ type: 'longstr', value })

/**
 * Clients branch on the product: to anything but RabbitMQ, Celery sends a prefetch that it believes
 * to hold for channels. They branch on the version, too: this is the newest that allows all that we
 * allow (4.3 denies transient queues and global prefetch).
 */
export const SERVER_PRODUCT = 'RabbitMQ'
export const SERVER_VERSION = '4.2.0'

/** RabbitMQ's extensions, all of them served. */
const capabilities = [
  'publisher_confirms',
  'exchange_exchange_bindings',
  'basic.nack',
  'consumer_cancel_notify',
  'connection.blocked',
  'consumer_priorities',
  'authentication_failure_close',
  'per_consumer_qos',
  'direct_reply_to',
]

export function serverProperties(nodeId: number): FieldTable {
  const yes: FieldValue = { type: 'bool', value: true }
  return new Map<string, FieldValue>([
    ['capabilities', { type: 'table', value: new Map(capabilities.map(name => [name, yes])) }],
    ['cluster_name', text(`sabir@${nodeId}`)],
    ['copyright', text('Sabir is licensed under the Apache License, version 2.0')],
    ['information', text('This is Sabir, which speaks as RabbitMQ does')],
    ['platform', text(`Sabir on Node.js ${process.versions.node}`)],
    ['product', text(SERVER_PRODUCT)],
    ['version', text(SERVER_VERSION)],
  ])
}
