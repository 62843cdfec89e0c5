// What one client sends, any other receives. Run it with: npx tsx examples/two-clients.ts
import { Consumer, stringDeserializers } from '@platformatic/kafka'
import kafkajs from 'kafkajs'
import { startBroker } from 'sabir'

await using broker = await startBroker({ storage: 'memory' })
const address = broker.url('kafka')

const kafka = new kafkajs.Kafka({ brokers: [address], logLevel: kafkajs.logLevel.ERROR })
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
await producer.connect()
const messages = ['red', 'green', 'blue'].map(value => ({ key: 'colour', value }))
await producer.send({ topic: 'colours', messages, compression: kafkajs.CompressionTypes.GZIP })
await producer.disconnect()

const consumer = new Consumer({
  clientId: 'painter',
  groupId: 'painters',
  bootstrapBrokers: [address],
  deserializers: stringDeserializers,
})
const stream = await consumer.consume({ topics: ['colours'], mode: 'earliest', maxWaitTime: 100 })
let left = messages.length
for await (const message of stream) {
  process.stdout.write(`${message.offset} ${message.key} ${message.value}\n`)
  if (--left === 0) break
}
await new Promise<void>(resolve => {
  consumer.close(true, () => resolve())
})
