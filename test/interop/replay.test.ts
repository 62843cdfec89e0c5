import { deepEqual, equal, rejects } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChannelModel, type ConfirmChannel, connect, type ConsumeMessage } from 'amqplib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../src/index.ts'

let folder: string
let broker: RunningBroker
let connection: ChannelModel
let channel: ConfirmChannel

const begin = async (): Promise<void> => {
  broker = await startBroker({ storage: { folder } })
  connection = await connect(`amqp://${broker.url('amqp091')}`)
  channel = await connection.createConfirmChannel()
}
const end = async (): Promise<void> => {
  await connection.close()
  await broker.close()
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabir-replay-'))
  await begin()
})

afterAll(async () => {
  await end()
  await rm(folder, { recursive: true })
})

async function publish(queue: string, bodies: readonly string[], priority = 0): Promise<void> {
  for (const body of bodies)
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true, priority })
  await channel.waitForConfirms()
}

/** The first messages that a consumer gets who acknowledges none of them. */
async function look(
  queue: string,
  count: number,
  table: Record<string, unknown>,
  { noAck = false, taken = (_message: ConsumeMessage): void => {} } = {},
): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = []
  const on = await connection.createChannel()
  on.on('error', () => {}) // Told by `consume`.
  await new Promise<void>((resolve, reject) => {
    const take = (message: ConsumeMessage | null): void => {
      if (message === null) return reject(new Error('cancelled'))
      messages.push(message)
      taken(message)
      if (messages.length === count) resolve()
    }
    on.consume(queue, take, { noAck, arguments: table }).catch(reject)
  })
  await on.close()
  return messages
}

const bodiesOf = (messages: readonly ConsumeMessage[]): string[] =>
  messages.map(({ content }) => String(content))

async function drain(queue: string): Promise<string[]> {
  const bodies: string[] = []
  for (;;) {
    const message = await channel.get(queue, { noAck: true })
    if (message === false) return bodies
    bodies.push(String(message.content))
  }
}

const m = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `m${from + index}`)

test('browse: everybody sees what waits and what is out, and takes nothing', async () => {
  await channel.assertQueue('seen')
  await publish('seen', m(0, 5))
  const first = await channel.get('seen')
  const second = await channel.get('seen')
  if (first === false || second === false) throw new Error('nothing to get')
  channel.ack(second)
  await channel.checkQueue('seen')
  for (const noAck of [true, false]) {
    const seen = await look('seen', 5, { 'x-browse': true }, { noAck })
    deepEqual(bodiesOf(seen), ['m0', ...m(2, 5)])
    const { fields, properties } = seen[0]!
    deepEqual([fields.routingKey, fields.redelivered], ['seen', false])
    deepEqual(properties.headers, { 'x-stream-offset': 0 })
  }
  const table = { 'x-browse': true, 'x-stream-offset': 4 }
  deepEqual(bodiesOf(await look('seen', 2, table)), m(4, 5))
  equal((await channel.checkQueue('seen')).messageCount, 4)
  channel.nack(first)
  deepEqual(await drain('seen'), ['m0', ...m(2, 5)])
})

test('browse: all levels of priority are seen, and what comes later', async () => {
  await channel.assertQueue('levels', { maxPriority: 3 })
  await publish('levels', m(0, 1))
  await publish('levels', ['urgent'], 3)
  const looking = look('levels', 5, { 'x-browse': true })
  await publish('levels', ['later'], 3)
  await publish('levels', ['last'])
  deepEqual(bodiesOf(await looking).sort(), ['last', 'later', 'm0', 'm1', 'urgent'])
  equal((await channel.checkQueue('levels')).messageCount, 5)
})

test('browse: it ends with the queue, though the topic stays', async () => {
  await channel.assertQueue('source')
  await channel.assertQueue('view', { arguments: { 'x-source': 'source' } })
  await publish('source', m(0, 0))
  let count = 0
  const taken = (): void => void count++
  const looking = rejects(look('view', 9, { 'x-browse': true }, { taken }), /cancelled/)
  await expect.poll(() => count).toBe(1)
  await channel.deleteQueue('view')
  await looking
  equal((await channel.checkQueue('source')).messageCount, 1)
})

test('browse: what makes no sense is refused', async () => {
  const refused =
    "invalid arg 'x-browse' for queue 'seen' in vhost '/': {unacceptable_type,longstr}"
  await rejects(look('seen', 1, { 'x-browse': 'yes' }), error => String(error).includes(refused))
})

test('replay: with a retention, what was consumed can be read and consumed again', async () => {
  await channel.assertQueue('kept', { arguments: { 'x-retention-ms': 3_600_000 } })
  await publish('kept', m(0, 4))
  await sleep(1100) // Timestamps of AMQP are seconds.
  const time = { '!': 'timestamp', value: Math.floor(Date.now() / 1000) }
  await publish('kept', m(5, 9))
  deepEqual(await drain('kept'), m(0, 9))
  await end()
  await begin()
  deepEqual(bodiesOf(await look('kept', 10, { 'x-browse': true })), m(0, 9))
  const browse = { 'x-browse': true, 'x-stream-offset': time }
  deepEqual(bodiesOf(await look('kept', 5, browse)), m(5, 9))
  equal((await channel.checkQueue('kept')).messageCount, 0)

  const noAck = { noAck: true }
  deepEqual(bodiesOf(await look('kept', 3, { 'x-queue-offset': 7 }, noAck)), m(7, 9))
  deepEqual(bodiesOf(await look('kept', 5, { 'x-queue-offset': time }, noAck)), m(5, 9))
  deepEqual(bodiesOf(await look('kept', 10, { 'x-queue-offset': 'first' })), m(0, 9))
  await end()
  await begin()
  deepEqual(await drain('kept'), m(0, 9))
  await rejects(look('kept', 1, { 'x-queue-offset': 'then' }), /invalid arg 'x-queue-offset'/)
})
