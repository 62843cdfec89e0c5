import { connect } from 'amqplib'
import { expect, test } from 'vitest'
import { startBroker } from '../../../src/index.ts'

test('amqplib is told that publishers are blocked, and consumers go on', async () => {
  await using broker = await startBroker({ settings: { memoryHighWatermark: 1e-9 } })
  const consuming = await connect(`amqp://${broker.url('amqp091')}`, { noDelay: true })
  const publishing = await connect(`amqp://${broker.url('amqp091')}`, { noDelay: true })
  const blocked = new Promise(resolve => publishing.once('blocked', resolve))
  const [consumer, publisher] = [await consuming.createChannel(), await publishing.createChannel()]
  const { queue } = await consumer.assertQueue('q')
  publisher.sendToQueue(queue, Buffer.from('held back'))
  expect(await blocked).toBe('low on memory')
  const { consumerTag } = await consumer.consume(queue, () => {})
  expect(await consumer.cancel(consumerTag)).toEqual({ consumerTag })
  await consuming.close()
  await publishing.close()
})
