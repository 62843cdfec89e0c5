import type { Delivery } from '../../../../broker/queue/consumer.ts'
import type { Queue } from '../../../../broker/queue/queue.ts'
import type { Mappings } from '../../../../message/mapping.ts'
import { origins } from '../../../../message/origin.ts'
import type { StoredMessage } from '../../../../message/stored-message.ts'
import type { ContentFrames } from '../content/frames.ts'
import { type AddedHeaders, outgoingProperties } from '../content/outgoing.ts'

const NOTHING_ADDED: AddedHeaders = {}

/** Points the frames' ranges at a message. Most messages are sent as they lie. */
export function showMessage(
  frames: ContentFrames,
  message: StoredMessage,
  context: { readonly mappings: Mappings; readonly topic: string },
  added: AddedHeaders = NOTHING_ADDED,
): void {
  const { address, properties, body } = frames
  body.bytes = message.body
  body.start = message.bodyStart
  body.end = message.bodyEnd
  if (message.addressEnd > message.addressStart) {
    address.bytes = message.bytes
    address.start = message.addressStart
    address.end = message.addressEnd
  } else showTopic(frames, context.topic)
  const isPlain = message.origin === origins.amqp091 && !message.hasAnnotations
  properties.bytes =
    isPlain && added === NOTHING_ADDED
      ? message.bytes
      : outgoingProperties(message, context.mappings, added)
  const isAsStored = properties.bytes === message.bytes
  properties.start = isAsStored ? message.propertiesStart : 0
  properties.end = isAsStored ? message.propertiesEnd : properties.bytes.length
}

/** Records of Kafka producers were not addressed to an exchange: the topic is all there is. */
function showTopic({ address }: ContentFrames, topic: string): void {
  const name = Buffer.from(topic).subarray(0, 255)
  address.bytes = Buffer.concat([Buffer.of(0, name.length), name])
  address.start = 0
  address.end = address.bytes.length
}

/**
 * RabbitMQ's quorum queues say how often a message was handed out before, and its classic queues do
 * not: ours do when they have what RabbitMQ's lack, a limit, retries, or a topic behind them.
 */
export function countHeaders({ queue, count, failures }: Delivery): AddedHeaders {
  if (count === 0 || !isCounting(queue)) return NOTHING_ADDED
  if (failures === 0) return { 'x-acquired-count': count }
  return { 'x-acquired-count': count, 'x-delivery-count': failures }
}

function isCounting({ spec, settings }: Queue): boolean {
  if (spec.type === 'quorum' || spec.source !== null) return true
  return settings.deliveryLimit !== null || settings.retry !== null
}
