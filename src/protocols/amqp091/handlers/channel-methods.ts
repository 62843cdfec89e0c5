import { AmqpError } from '../errors.ts'
import {
  accessRequest,
  accessRequestOk,
  channelFlow,
  channelFlowOk,
  channelOpen,
} from '../schema/index.ts'
import { handler } from './handler.ts'

export const channelOpenHandler = handler(channelOpen, () => {
  throw new AmqpError('CHANNEL_ERROR', "second 'channel.open' seen")
})

/** Deliveries are stopped with a prefetch or by not reading, as in RabbitMQ. */
export const channelFlowHandler = handler(channelFlow, ({ active }, channel) => {
  if (!active) throw new AmqpError('NOT_IMPLEMENTED', 'active=false')
  channel.send(channelFlowOk, { active: true })
})

/** Tickets went with AMQP 0-8; clients that still ask get one. */
export const accessRequestHandler = handler(accessRequest, (_fields, channel) => {
  channel.send(accessRequestOk, { ticket: 1 })
})
