import { deepEqual, equal } from 'node:assert/strict'
import { type Channel, type ChannelModel, connect, type ConsumeMessage } from 'amqplib'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import { itemsOf, type Reply } from '../../resp/reply.ts'
import { RespSocket } from '../../resp/socket.ts'
import { Inbox } from '../inbox.ts'

let broker: RunningBroker
let disque: RespSocket
let redis: Redis
let connection: ChannelModel
let channel: Channel

beforeAll(async () => {
  broker = await startBroker()
  disque = await RespSocket.open(broker.url('disque'))
  redis = new Redis({ host: '127.0.0.1', port: broker.port('resp') })
  connection = await connect(`amqp://${broker.url('amqp091')}`)
  channel = await connection.createChannel()
})

afterAll(async () => {
  redis.disconnect()
  await disque.close()
  await connection.close()
  await broker.close()
})

async function add(queue: string, body: string): Promise<string> {
  return textOf(await disque.ask('ADDJOB', queue, body, '0', 'RETRY', '60'))
}

type Job = { readonly id: string; readonly body: string }

const jobsOf = (reply: Reply): Job[] =>
  itemsOf(reply).map(job => {
    const [, id, body] = itemsOf(job)
    return { id: textOf(id!), body: textOf(body!) }
  })

const get = async (queue: string): Promise<Job[]> =>
  jobsOf(await disque.ask('GETJOB', 'TIMEOUT', '10000', 'COUNT', '10', 'FROM', queue))

const textOf = (reply: Reply): string => ('text' in reply ? reply.text : '')

async function length(queue: string): Promise<number> {
  return Number(textOf(await disque.ask('QLEN', queue)))
}

test('what ADDJOB adds, an AMQP consumer takes, gives back and acknowledges', async () => {
  const ids = [await add('jobs', 'one'), await add('jobs', 'two')]
  await channel.assertQueue('jobs')
  const inbox = new Inbox<ConsumeMessage>()
  await channel.consume('jobs', message => void (message !== null && inbox.put(message)))
  const messages = await inbox.take(2, 5000)
  deepEqual(
    messages.map(({ content }) => String(content)),
    ['one', 'two'],
  )
  equal(messages[0]?.properties.deliveryMode, 2)
  channel.ack(messages[0]!)
  channel.nack(messages[1]!)
  const [again] = await inbox.take(1, 5000)
  deepEqual([String(again?.content), again?.fields.redelivered], ['two', true])
  channel.ack(again!)
  await channel.checkQueue('jobs')
  await expect.poll(async () => textOf(await disque.ask('SHOW', ids[1]!))).toBe('bulk') // No bulk.
  equal(textOf(await disque.ask('ACKJOB', ...ids)), '0')
})

test('what AMQP publishes, GETJOB takes and ACKJOB ends', async () => {
  await channel.assertQueue('published')
  channel.sendToQueue('published', Buffer.from('a'), { persistent: true, messageId: 'm' })
  channel.sendToQueue('published', Buffer.from('b'))
  const jobs = [...(await get('published'))]
  while (jobs.length < 2) jobs.push(...(await get('published')))
  deepEqual(
    jobs.map(({ body }) => body),
    ['a', 'b'],
  )
  equal(textOf(await disque.ask('NACK', jobs[1]!.id)), '1')
  equal(textOf(await disque.ask('ACKJOB', jobs[0]!.id)), '1')
  const message = await channel.get('published')
  deepEqual(
    [message && String(message.content), message && message.fields.redelivered],
    ['b', true],
  )
  if (message !== false) channel.ack(message)
})

test('an AMQP exchange routes to a client that waits for jobs', async () => {
  await channel.assertQueue('routed')
  await channel.bindQueue('routed', 'amq.topic', 'a.#')
  const waiting = get('routed')
  channel.publish('amq.topic', 'a.b', Buffer.from('here'))
  const [job] = await waiting
  equal(job?.body, 'here')
})

test('LPUSH wakes who waits for a job, and RPOP takes what ADDJOB added', async () => {
  const waiting = get('list')
  await redis.lpush('list', 'pushed')
  const [job] = await waiting
  equal(job?.body, 'pushed')
  equal(textOf(await disque.ask('ACKJOB', job!.id)), '1')
  await add('other', 'added')
  await add('other', 'second')
  deepEqual([await redis.llen('other'), await redis.type('other')], [2, 'list'])
  equal(await redis.rpop('other'), 'added')
  deepEqual([await length('other'), await redis.lrange('other', 0, -1)], [1, ['second']])
})

test('BRPOP waits for a job that was given back', async () => {
  const id = await add('back', 'again')
  deepEqual(await get('back'), [{ id, body: 'again' }])
  const other = redis.duplicate()
  const popped = other.brpop('back', 10)
  await disque.ask('NACK', id)
  deepEqual(await popped, ['back', 'again'])
  other.disconnect()
  equal(textOf(await disque.ask('ACKJOB', id)), '0')
})

test('a Kafka consumer reads all jobs, done or not', async () => {
  const id = await add('log', 'done')
  await add('log', 'to do')
  const kafka = new Kafka({ brokers: [broker.url('kafka')], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: 'readers' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'log', fromBeginning: true })
  const inbox = new Inbox<string>()
  await consumer.run({ eachMessage: async ({ message }) => inbox.put(String(message.value)) })
  deepEqual(await inbox.take(2, 20_000), ['done', 'to do'])
  await disque.ask('ACKJOB', id)
  await consumer.disconnect()
  equal(await length('log'), 1)
})

test('what Kafka produces to a queue are jobs', async () => {
  await channel.assertQueue('produced')
  const kafka = new Kafka({ brokers: [broker.url('kafka')], logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  const waiting = get('produced')
  await producer.send({ topic: 'produced', messages: [{ key: 'k', value: 'v' }] })
  const [job] = await waiting
  equal(job?.body, 'v')
  equal(textOf(await disque.ask('ACKJOB', job!.id)), '1')
  await producer.disconnect()
})

test('a job that is given back too often goes to the dead letters of its queue', async () => {
  await channel.assertQueue('dead')
  await channel.assertQueue('tried', {
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'dead',
    },
    durable: true,
  })
  await add('tried', 'in vain')
  for (let time = 0; time < 2; time++) {
    const [job] = await get('tried')
    equal(textOf(await disque.ask('NACK', job!.id)), '1')
  }
  const [job] = await get('dead')
  equal(job?.body, 'in vain')
  equal(await length('tried'), 0)
})
