// Publish with an AMQP client, read with a Kafka client: one broker, one log. Then the other way.
//
//     npx tsx examples/amqp-and-kafka.ts

import amqp from 'amqplib'
import kafkajs from 'kafkajs'
import { startBroker } from 'sabir'

await using broker = await startBroker({ storage: 'memory' })
const kafka = new kafkajs.Kafka({
  brokers: [broker.url('kafka')],
  logLevel: kafkajs.logLevel.NOTHING,
})

const connection = await amqp.connect(`amqp://${broker.url('amqp091')}`)
const channel = await connection.createConfirmChannel()
await channel.assertQueue('orders')
channel.sendToQueue('orders', Buffer.from('tea'), { persistent: true, correlationId: 'c-1' })
await channel.waitForConfirms()

const consumer = kafka.consumer({ groupId: 'shop' })
await consumer.connect()
await consumer.subscribe({ topic: 'orders', fromBeginning: true })
await new Promise<void>(resolve => {
  void consumer.run({
    eachMessage: async ({ message }) => {
      const correlation = String(message.headers?.['correlation-id'])
      process.stdout.write(`Kafka got ${String(message.value)} (${correlation})\n`)
      resolve()
    },
  })
})
await consumer.disconnect()

const producer = kafka.producer()
await producer.connect()
await producer.send({ topic: 'orders', messages: [{ value: 'coffee' }] })
await producer.disconnect()

await new Promise<void>(resolve => {
  let left = 2
  void channel.consume('orders', message => {
    if (message === null) return
    process.stdout.write(`AMQP got ${message.content.toString()}\n`)
    channel.ack(message)
    if (--left === 0) resolve()
  })
})
await connection.close()
