// A broker for a test of yours: no container, no port to agree on, gone when the test ends.
import kafkajs from 'kafkajs'
import { startBroker } from 'sabir'
import { expect, test } from 'vitest'

test('an order that is placed is an order that is shipped', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const kafka = new kafkajs.Kafka({
    brokers: [broker.url('kafka')],
    logLevel: kafkajs.logLevel.ERROR,
  })

  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ key: 'anna', value: 'two lamps' }] })
  await producer.disconnect()

  const consumer = kafka.consumer({ groupId: 'shipping' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders', fromBeginning: true })
  const shipped = await new Promise<string>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => resolve(`${message.value} to ${message.key}`),
      })
      .catch(reject)
  })
  await consumer.disconnect()

  expect(shipped).toBe('two lamps to anna')
})
