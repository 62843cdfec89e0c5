import { deepEqual, equal } from 'node:assert/strict'
import { type Channel, type ChannelModel, connect, type ConsumeMessage } from 'amqplib'
import { Redis } from 'ioredis'
import { type Consumer, Kafka, type KafkaMessage, logLevel, type Producer } from 'kafkajs'
import { afterAll, beforeAll, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import { Inbox } from '../inbox.ts'

let broker: RunningBroker
let redis: Redis
let connection: ChannelModel
let channel: Channel
let kafka: Kafka
let producer: Producer
const consumers: Consumer[] = []

beforeAll(async () => {
  broker = await startBroker()
  redis = open()
  connection = await connect(`amqp://${broker.url('amqp091')}`)
  channel = await connection.createChannel()
  kafka = new Kafka({ brokers: [broker.url('kafka')], logLevel: logLevel.NOTHING })
  producer = kafka.producer()
  await producer.connect()
})

afterAll(async () => {
  redis.disconnect()
  await connection.close()
  await producer.disconnect()
  for (const consumer of consumers) await consumer.disconnect()
  await broker.close()
})

const open = (): Redis => new Redis({ host: '127.0.0.1', port: broker.port('resp') })

/** What a Kafka consumer reads of a topic, from its beginning. */
async function reading(topic: string): Promise<Inbox<KafkaMessage>> {
  const consumer = kafka.consumer({ groupId: `readers of ${topic}` })
  consumers.push(consumer)
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const inbox = new Inbox<KafkaMessage>()
  await consumer.run({ eachMessage: async ({ message }) => inbox.put(message) })
  return inbox
}

async function consuming(queue: string): Promise<Inbox<ConsumeMessage>> {
  const inbox = new Inbox<ConsumeMessage>()
  await channel.consume(queue, message => {
    if (message !== null) inbox.put(message)
  })
  return inbox
}

const texts = (messages: readonly { value: Buffer | null }[]): string[] =>
  messages.map(({ value }) => String(value))

test('what LPUSH adds, an AMQP consumer takes and acknowledges', async () => {
  await redis.lpush('jobs', 'one', 'two')
  await channel.assertQueue('jobs')
  const inbox = await consuming('jobs')
  const messages = await inbox.take(2, 5000)
  deepEqual(
    messages.map(({ content }) => String(content)),
    ['one', 'two'],
  )
  equal(await redis.llen('jobs'), 0)
  channel.ack(messages[0]!)
  channel.nack(messages[1]!)
  const [again] = await inbox.take(1, 5000)
  equal(String(again?.content), 'two')
  equal(again?.fields.redelivered, true)
  channel.ack(again!)
})

test('what an AMQP client publishes to a queue, BRPOP takes', async () => {
  await channel.assertQueue('from-amqp')
  const other = open()
  const waiting = other.brpop('from-amqp', 10)
  channel.sendToQueue('from-amqp', Buffer.from('hello'), { messageId: 'm' })
  deepEqual(await waiting, ['from-amqp', 'hello'])
  other.disconnect()
  channel.sendToQueue('from-amqp', Buffer.from('a'))
  channel.sendToQueue('from-amqp', Buffer.from('b'))
  await channel.checkQueue('from-amqp')
  while ((await redis.llen('from-amqp')) < 2) await new Promise(setImmediate)
  deepEqual(await redis.rpop('from-amqp', 2), ['a', 'b'])
})

test('a queue of RPUSH and BLPOP is first in, first out for AMQP as well', async () => {
  await redis.rpush('line', 'first', 'second')
  await channel.assertQueue('line')
  const message = await channel.get('line', { noAck: true })
  equal(message === false ? '' : String(message.content), 'first')
  deepEqual(await redis.lpop('line'), 'second')
})

test('what XADD adds, a Kafka consumer reads', async () => {
  await redis.xadd('events', '*', 'value', 'one', 'color', 'red')
  await redis.xadd('events', '*', 'value', 'two')
  const messages = await (await reading('events')).take(2, 20_000)
  deepEqual(texts(messages), ['one', 'two'])
  equal(String(messages[0]?.headers?.['color']), 'red')
})

test('what Kafka produces, XREAD and XREADGROUP read', async () => {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] })
  await admin.disconnect()
  await redis.xgroup('CREATE', 'orders', 'g', '0')
  const other = open()
  await other.ping()
  const waiting = other.xread('BLOCK', 10_000, 'STREAMS', 'orders', '$')
  for (let turn = 0; turn < 2; turn++) await redis.ping() // By now it is known that it waits.
  await producer.send({ topic: 'orders', messages: [{ key: 'k', value: 'coffee' }] })
  const [[, entries] = []] = (await waiting) as [string, [string, string[]][]][]
  const fields = entries?.[0]?.[1] ?? []
  equal(fields[fields.indexOf('value') + 1], 'coffee')
  equal(fields[fields.indexOf('key') + 1], 'k')
  other.disconnect()
  const read = await redis.xreadgroup('GROUP', 'g', 'anna', 'STREAMS', 'orders', '>')
  const [[, [entry] = []] = []] = read as [string, [string, string[]][]?][]
  equal(await redis.xack('orders', 'g', entry?.[0] ?? ''), 1)
})

test('PUBLISH reaches a topic that Kafka made, and its consumers', async () => {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'news', numPartitions: 1 }] })
  await admin.disconnect()
  await redis.publish('news', 'hello')
  const inbox = await reading('news')
  deepEqual(texts(await inbox.take(1, 20_000)), ['hello'])
})

test('subscribers hear what Kafka produces', async () => {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'alerts', numPartitions: 1 }] })
  await admin.disconnect()
  const subscriber = open()
  const inbox = new Inbox<string>()
  subscriber.on('message', (_, message) => inbox.put(message))
  subscriber.on('pmessage', (pattern, _, message) => inbox.put(`${pattern} ${message}`))
  await subscriber.subscribe('alerts')
  await subscriber.psubscribe('al*')
  await producer.send({ topic: 'alerts', messages: [{ value: 'fire' }] })
  deepEqual((await inbox.take(2, 10_000)).sort(), ['al* fire', 'fire'])
  subscriber.disconnect()
})

test('an AMQP exchange routes to a list', async () => {
  await channel.assertQueue('routed')
  await channel.bindQueue('routed', 'amq.topic', 'a.#')
  const other = open()
  const waiting = other.blpop('routed', 10)
  channel.publish('amq.topic', 'a.b', Buffer.from('routed here'))
  deepEqual(await waiting, ['routed', 'routed here'])
  other.disconnect()
})

test('a transaction of pushes comes to AMQP and Kafka', async () => {
  await channel.assertQueue('together')
  await redis.multi().lpush('together', 'a').xadd('log', '1-1', 'value', 'a').exec()
  const inbox = await consuming('together')
  equal(String((await inbox.take(1, 5000))[0]?.content), 'a')
  deepEqual(texts(await (await reading('log')).take(1, 20_000)), ['a'])
})
