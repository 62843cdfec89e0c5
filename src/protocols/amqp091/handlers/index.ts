import type { Channel } from '../channel.ts'
import { AmqpError } from '../errors.ts'
import { methodOf } from '../schema/index.ts'
import {
  exchangeBindHandler,
  exchangeUnbindHandler,
  queueBindHandler,
  queueUnbindHandler,
} from './binding.ts'
import { accessRequestHandler, channelFlowHandler, channelOpenHandler } from './channel-methods.ts'
import { exchangeDeclareHandler } from './exchange-declare.ts'
import { exchangeDeleteHandler } from './exchange-delete.ts'
import type { Handler } from './handler.ts'
import { queueDeclareHandler } from './queue-declare.ts'
import { queueDeleteHandler } from './queue-delete.ts'
import { queuePurgeHandler } from './queue-purge.ts'

/** Methods of channels that are not about messages: those are in `channel/`. */
export const handlers: readonly Handler[] = [
  channelOpenHandler,
  channelFlowHandler,
  accessRequestHandler,
  exchangeDeclareHandler,
  exchangeDeleteHandler,
  exchangeBindHandler,
  exchangeUnbindHandler,
  queueDeclareHandler,
  queueBindHandler,
  queueUnbindHandler,
  queuePurgeHandler,
  queueDeleteHandler,
]

const byKey = new Map(handlers.map(one => [one.method.key, one]))

/** Arguments lie in `[start, end)`. Throws what closes the channel or the connection. */
export function handleMethod(
  channel: Channel,
  key: number,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  const handler = byKey.get(key)
  if (handler !== undefined) return handler.handle(channel, bytes, start, end)
  const method = methodOf(key)
  throw new AmqpError(
    'COMMAND_INVALID',
    method === undefined ? `unknown method ${key >>> 16}.${key & 0xffff}` : 'unimplemented method',
  )
}
