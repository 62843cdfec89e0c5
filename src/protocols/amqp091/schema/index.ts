import * as basic from './basic.ts'
import * as channel from './channel.ts'
import * as connection from './connection.ts'
import type { Method } from './dsl.ts'
import * as exchange from './exchange.ts'
import * as queue from './queue.ts'

export * from './basic.ts'
export * from './channel.ts'
export * from './connection.ts'
export * from './dsl.ts'
export * from './exchange.ts'
export * from './queue.ts'

/** Every method of AMQP 0-9-1 with RabbitMQ's extensions, in both directions. */
export const methods: readonly Method[] = [connection, channel, exchange, queue, basic].flatMap(
  // A module holds its tables and nothing else but the builder, which is not exported by them.
  module => Object.values(module) as unknown as Method[],
)

const byKey = new Map(methods.map(one => [one.key, one]))

/** Undefined for numbers nobody gave. */
export const methodOf = (key: number): Method | undefined => byKey.get(key)
