import type { FieldTable, FieldValue } from '../../../src/protocols/amqp091/codec/index.ts'
import * as schema from '../../../src/protocols/amqp091/schema/index.ts'
import type { SocketClient } from '../../amqp091/socket-client.ts'

export const text = (value: string): FieldValue => ({ type: 'longstr', value })
export const int = (value: number): FieldValue => ({ type: 'signedint', value })
export const table = (values: Readonly<Record<string, FieldValue>>): FieldTable =>
  new Map(Object.entries(values))

export const DELAY_MS_MAX = 800
export const EXPIRY_MS = 100
/** Where those go that say that what was before is safe. */
export const MARKS = 'marks'

const deadLetters = { 'x-dead-letter-exchange': text('dead-letters') }

/** Name and arguments. All are durable. */
export const queues: Readonly<Record<string, FieldTable>> = {
  plain: table({}),
  quorum: table({ 'x-queue-type': text('quorum'), 'x-delivery-limit': int(1_000_000) }),
  priority: table({ 'x-max-priority': int(5) }),
  'fan-1': table({}),
  'fan-2': table({}),
  'fan-3': table({}),
  work: table(deadLetters),
  brief: table({ ...deadLetters, 'x-message-ttl': int(EXPIRY_MS) }),
  dead: table({}),
  delayed: table({}),
  'tx-1': table({}),
  'tx-2': table({}),
  [MARKS]: table({ 'x-max-length': int(10) }),
}

/** Those somebody consumes. From `brief`, messages go by themselves. */
export const consumed = Object.keys(queues).filter(name => name !== 'brief' && name !== MARKS)

export async function declareAll(client: SocketClient): Promise<void> {
  const flags = { passive: false, durable: true, autoDelete: false, nowait: false }
  for (const [queue, args] of Object.entries(queues))
    await client.ask(1, schema.queueDeclare, { queue, ...flags, exclusive: false, arguments: args })
  const exchanges: [name: string, type: string, args: FieldTable, bound: string[]][] = [
    ['fan', 'fanout', table({}), ['fan-1', 'fan-2', 'fan-3']],
    ['dead-letters', 'fanout', table({}), ['dead']],
    ['later', 'x-delayed-message', table({ 'x-delayed-type': text('direct') }), ['delayed']],
  ]
  for (const [exchange, type, args, bound] of exchanges) {
    const rest = { internal: false, arguments: args }
    await client.ask(1, schema.exchangeDeclare, { exchange, type, ...flags, ...rest })
    for (const queue of bound) {
      const binding = { queue, exchange, routingKey: queue, nowait: false, arguments: table({}) }
      await client.ask(1, schema.queueBind, binding)
    }
  }
}

/** How many messages of a queue are ready. */
export async function readyCount(client: SocketClient, queue: string): Promise<number> {
  const { fields } = await client.ask(1, schema.queueDeclare, {
    queue,
    passive: true,
    durable: true,
    exclusive: false,
    autoDelete: false,
    nowait: false,
    arguments: table({}),
  })
  return Number(fields['messageCount'])
}
