import { deepEqual, equal } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'
import { Kafka, logLevel } from 'kafkajs'
import { test } from 'vitest'
import { type RunningBroker, startBroker } from '../../src/index.ts'

const rabbit = (broker: RunningBroker): Promise<ChannelModel> =>
  connect(`amqp://${broker.url('amqp091')}`)

async function firstValue(broker: RunningBroker, topic: string): Promise<string> {
  const kafka = new Kafka({ brokers: [broker.url('kafka')], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `g-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const value = await new Promise<string>(resolve => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) })
  })
  await consumer.disconnect()
  return value
}

test('stored: Kafka reads a body that queues share, also after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sabir-interop-'))
  const body = 'x'.repeat(10_000)
  const first = await startBroker({ storage: { folder } })
  const connection = await rabbit(first)
  const channel = await connection.createConfirmChannel()
  await channel.assertExchange('all', 'fanout')
  for (const queue of ['one', 'two', 'three']) {
    await channel.assertQueue(queue)
    await channel.bindQueue(queue, 'all', '')
  }
  channel.publish('all', '', Buffer.from(body), { persistent: true })
  await channel.waitForConfirms()
  equal(await firstValue(first, 'one'), body)
  await connection.close()
  await first.close()
  const second = await startBroker({ storage: { folder } })
  equal(await firstValue(second, 'two'), body)
  await second.close()
  await rm(folder, { recursive: true })
})

test('stored: delayed messages outlive the broker, and late ones come at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sabir-interop-'))
  const first = await startBroker({ storage: { folder } })
  const connection = await rabbit(first)
  const channel = await connection.createConfirmChannel()
  await channel.assertExchange('later', 'x-delayed-message', {
    arguments: { 'x-delayed-type': 'fanout' },
  })
  await channel.assertQueue('alarms')
  await channel.bindQueue('alarms', 'later', '')
  for (const delay of [1500, 300, 3_600_000]) {
    const options = { persistent: true, headers: { 'x-delay': delay } }
    channel.publish('later', '', Buffer.from(String(delay)), options)
  }
  await channel.waitForConfirms()
  await connection.close()
  await first.close()
  await sleep(400)
  const second = await startBroker({ storage: { folder } })
  const again = await rabbit(second)
  const reader = await again.createChannel()
  const got: string[] = []
  await new Promise<void>(resolve => {
    void reader.consume('alarms', message => {
      got.push(String(message?.content))
      if (got.length === 2) resolve()
    })
  })
  deepEqual(got, ['300', '1500'])
  await again.close()
  await second.close()
  await rm(folder, { recursive: true })
})
