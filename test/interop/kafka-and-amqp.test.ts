import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type Channel, type ChannelModel, connect, type ConsumeMessage } from 'amqplib'
import { type Admin, Kafka, type KafkaMessage, logLevel } from 'kafkajs'
import { afterAll, beforeAll, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../src/index.ts'

let broker: RunningBroker
let kafka: Kafka
let admin: Admin
let connection: ChannelModel

beforeAll(async () => {
  broker = await startBroker()
  kafka = new Kafka({ brokers: [broker.url('kafka')], logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  await admin.connect()
  connection = await connect(`amqp://${broker.url('amqp091')}`)
})

afterAll(async () => {
  await connection.close()
  await admin.disconnect()
  await broker.close()
})

/** The first records of a topic, by a group of its own. */
async function fetchRecords(topic: string, count: number): Promise<KafkaMessage[]> {
  const consumer = kafka.consumer({ groupId: `g-${topic}` })
  const records: KafkaMessage[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>(resolve => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        records.push(message)
        if (records.length === count) resolve()
      },
    })
  })
  await consumer.disconnect()
  return records
}

async function send(
  topic: string,
  messages: {
    key?: string
    value: string
    headers?: Record<string, string | Buffer>
    timestamp?: string
  }[],
): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** The first messages of a queue, each acknowledged. */
async function consume(
  channel: Channel,
  queue: string,
  count: number,
  args: Record<string, unknown> = {},
): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = []
  let tag = ''
  await new Promise<void>((resolve, reject) => {
    channel
      .consume(
        queue,
        message => {
          if (message === null) return reject(new Error('cancelled'))
          messages.push(message)
          channel.ack(message)
          if (messages.length === count) resolve()
        },
        { arguments: args },
      )
      .then(({ consumerTag }) => (tag = consumerTag), reject)
  })
  await channel.cancel(tag)
  return messages
}

const textOf = (headers: KafkaMessage['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]))

test('a message published with AMQP is a record with readable headers', async () => {
  const channel = await connection.createConfirmChannel()
  await channel.assertExchange('shop', 'direct')
  await channel.assertQueue('tea')
  await channel.bindQueue('tea', 'shop', 'orders.tea')
  channel.publish('shop', 'orders.tea', Buffer.from('green'), {
    contentType: 'text/plain',
    contentEncoding: 'utf-8',
    messageId: 'm-1',
    correlationId: 'c-1',
    replyTo: 'answers',
    type: 'order',
    appId: 'web',
    userId: 'guest',
    timestamp: 1_700_000_000,
    priority: 5,
    expiration: '60000',
    deliveryMode: 1,
    headers: { text: 'a', number: 7, truth: true, list: [1, 'b'], map: { deep: 1 }, priority: 'x' },
  })
  channel.sendToQueue('tea', Buffer.from('plain'), { persistent: true })
  await channel.waitForConfirms()
  const [full, plain] = await fetchRecords('tea', 2)
  equal(String(full!.value), 'green')
  equal(full!.key, null)
  deepEqual(textOf(full!.headers), {
    'content-type': 'text/plain',
    'content-encoding': 'utf-8',
    'message-id': 'm-1',
    'correlation-id': 'c-1',
    'reply-to': 'answers',
    subject: 'order',
    'app-id': 'web',
    'user-id': 'guest',
    timestamp: '1700000000000',
    priority: '5',
    expiration: '60000',
    'delivery-mode': '1',
    exchange: 'shop',
    'routing-key': 'orders.tea',
    text: 'a',
    number: '7',
    truth: 'true',
    list: '[1,"b"]',
    map: '{"deep":1}',
    'header.priority': 'x',
  })
  deepEqual([String(plain!.value), textOf(plain!.headers)], ['plain', {}])
  await channel.close()
})

test('a record produced with Kafka is a message with properties', async () => {
  const channel = await connection.createChannel()
  await channel.assertQueue('coffee')
  const headers = {
    'content-type': 'application/json',
    'content-encoding': 'utf-8',
    'message-id': 'm-2',
    'correlation-id': 'c-2',
    'reply-to': 'answers',
    subject: 'order',
    'app-id': 'shop',
    'user-id': 'anna',
    priority: '3',
    expiration: '9999999999999',
    text: 'ä',
    bytes: Buffer.of(0xff, 0),
    'header.priority': 'x',
  }
  await send('coffee', [
    { key: 'k', value: '{}', headers, timestamp: '1700000000123' },
    { value: 'plain', timestamp: '1700000001000' },
  ])
  const [full, plain] = await consume(channel, 'coffee', 2)
  equal(String(full!.content), '{}')
  const { properties, fields } = full!
  deepEqual([fields.exchange, fields.routingKey], ['', 'coffee'])
  equal(properties.contentType, 'application/json')
  equal(properties.contentEncoding, 'utf-8')
  equal(properties.messageId, 'm-2')
  equal(properties.correlationId, 'c-2')
  equal(properties.replyTo, 'answers')
  equal(properties.type, 'order')
  equal(properties.appId, 'shop')
  equal(properties.userId, 'anna')
  equal(properties.priority, 3)
  equal(properties.expiration, '9999999999999')
  equal(properties.timestamp, 1_700_000_000)
  equal(properties.deliveryMode, 2)
  equal(properties.headers!['text'], 'ä')
  deepEqual(properties.headers!['bytes'], Buffer.of(0xff, 0))
  equal(properties.headers!['priority'], 'x')
  deepEqual([String(plain!.content), plain!.properties.timestamp], ['plain', 1_700_000_001])
  await channel.close()
})

test('an exchange is bound to a topic with several partitions', async () => {
  await admin.createTopics({ topics: [{ topic: 'events', numPartitions: 3 }] })
  const channel = await connection.createConfirmChannel()
  await channel.assertExchange('all', 'topic')
  await channel.bindQueue('events', 'all', 'user.#')
  for (let index = 0; index < 30; index++)
    channel.publish('all', `user.${index % 5}`, Buffer.from(String(index)))
  channel.publish('all', 'nobody', Buffer.from('lost'))
  await channel.waitForConfirms()
  const values = (await fetchRecords('events', 30)).map(({ value }) => Number(value))
  deepEqual(
    values.toSorted((one, other) => one - other),
    Array.from({ length: 30 }, (_, index) => index),
  )
  await channel.close()
})

test('a topic is consumed as a queue, by more consumers than it has partitions', async () => {
  await admin.createTopics({ topics: [{ topic: 'jobs', numPartitions: 2 }] })
  const channel = await connection.createChannel()
  await channel.prefetch(1)
  await channel.assertQueue('jobs')
  const seen: string[][] = [[], [], []]
  let count = 0
  const all = new Promise<void>(resolve => {
    for (const [index, mine] of seen.entries()) {
      void channel.consume('jobs', message => {
        if (message === null) return
        mine.push(`${message.content}`)
        // The third one gives everything back once.
        if (index === 2 && !message.fields.redelivered) return channel.nack(message)
        channel.ack(message)
        if (++count === 20) resolve()
      })
    }
  })
  await send(
    'jobs',
    Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: String(index) })),
  )
  await all
  const accepted = new Set(seen.flat())
  equal(accepted.size, 20)
  ok(seen.every(mine => mine.length > 0))
  // Its cursor readers still see everything.
  equal((await fetchRecords('jobs', 20)).length, 20)
  await channel.close()
})

test('a topic that nobody declared a queue for is read as a stream', async () => {
  await send('clicks', [{ value: 'a' }, { value: 'b', headers: { h: '1' } }, { value: 'c' }])
  const channel = await connection.createChannel()
  await channel.prefetch(10)
  const read = await consume(channel, 'clicks', 2, { 'x-stream-offset': 1 })
  deepEqual(
    read.map(({ content, properties }) => [
      String(content),
      properties.headers!['x-stream-offset'],
    ]),
    [
      ['b', 1],
      ['c', 2],
    ],
  )
  await channel.close()
})

test('a delayed message comes when its time has come', async () => {
  const channel = await connection.createConfirmChannel()
  await channel.assertExchange('later', 'x-delayed-message', {
    arguments: { 'x-delayed-type': 'direct' },
  })
  await channel.assertQueue('alarm')
  await channel.bindQueue('alarm', 'later', 'ring')
  const before = Date.now()
  channel.publish('later', 'ring', Buffer.from('second'), { headers: { 'x-delay': 400 } })
  channel.publish('later', 'ring', Buffer.from('first'), { headers: { 'x-delay': 200 } })
  await channel.waitForConfirms()
  const messages = await consume(channel, 'alarm', 2)
  deepEqual(
    messages.map(({ content, properties }) => [String(content), properties.headers!['x-delay']]),
    [
      ['first', -200],
      ['second', -400],
    ],
  )
  ok(Date.now() - before >= 400)
  await channel.close()
})

test('one name is one thing: a queue is a topic, and goes when the topic goes', async () => {
  const channel = await connection.createChannel()
  await channel.assertQueue('both')
  ok((await admin.listTopics()).includes('both'))
  equal(await admin.createTopics({ topics: [{ topic: 'both' }] }), false)
  const [left] = await admin.fetchTopicOffsets('both')
  deepEqual([left!.low, left!.high], ['0', '0'])
  await admin.deleteTopics({ topics: ['both'] })
  channel.on('error', () => undefined) // The same answer ends the channel.
  await rejects(channel.checkQueue('both'), /NOT_FOUND/)
})

test('exclusive queues are not shown to Kafka clients, nor can they be read', async () => {
  const channel = await connection.createChannel()
  const { queue } = await channel.assertQueue('mine', { exclusive: true })
  ok(!(await admin.listTopics()).includes(queue))
  const impatient = kafka.admin({ retry: { retries: 0 } })
  await impatient.connect()
  await rejects(impatient.fetchTopicOffsets(queue))
  await impatient.disconnect()
  await channel.close()
})

test('what a Kafka client writes to a queue expires there, and dies whole', async () => {
  const channel = await connection.createChannel()
  await channel.assertQueue('gone')
  const deadLetterRoutingKey = 'gone'
  await channel.assertQueue('brief', { deadLetterExchange: '', deadLetterRoutingKey })
  const headers = { expiration: '20', 'content-type': 'text/plain', h: 'v' }
  await send('brief', [{ key: 'k', value: 'short', headers }, { value: 'long' }])
  const [dead] = await consume(channel, 'gone', 1)
  equal(String(dead!.content), 'short')
  equal(dead!.properties.contentType, 'text/plain')
  equal(dead!.properties.expiration, undefined)
  equal(dead!.properties.headers!['h'], 'v')
  equal(dead!.properties.headers!['x-message-key'], 'k')
  const [death] = dead!.properties.headers!['x-death']!
  deepEqual([death!.reason, death!['original-expiration'] as unknown], ['expired', '20'])
  const [left] = await consume(channel, 'brief', 1)
  equal(String(left!.content), 'long')
  await channel.close()
})

test('a queue that is full and rejects takes nothing of Kafka clients either', async () => {
  const channel = await connection.createChannel()
  const overflow = 'reject-publish'
  await channel.assertQueue('few', { maxLength: 2, overflow })
  await channel.assertQueue('small', {
    arguments: { 'x-max-length-bytes': 8, 'x-overflow': overflow },
  })
  for (const queue of ['few', 'small']) {
    await send(queue, [{ value: 'one ' }, { value: 'two ' }])
    await rejects(send(queue, [{ value: 'three' }]), /policy/i)
    const taken = await consume(channel, queue, 2)
    deepEqual(
      taken.map(({ content }) => String(content)),
      ['one ', 'two '],
    )
    await channel.checkQueue(queue)
    await send(queue, [{ value: 'again' }])
    equal(String((await consume(channel, queue, 1))[0]!.content), 'again')
  }
  await channel.close()
})
