import { setTimeout as sleep } from 'node:timers/promises'
import { emptyTable, methodFrame } from '../../src/protocols/amqp091/codec/index.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import type { SocketClient } from '../amqp091/socket-client.ts'
import {
  consume,
  declare,
  publishConfirmed,
  remove,
  repeated,
  type Scenario,
  type Stage,
} from './stage.ts'

const body = Buffer.from('x'.repeat(100))

const exchangeFlags = {
  passive: false,
  durable: true,
  autoDelete: false,
  internal: false,
  nowait: false,
  arguments: emptyTable,
}

/** Sends requests without waiting in between, some hundred at a time. */
async function inParts(count: number, ask: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const indexes = Array.from({ length: Math.min(500, count - from) }, (_, index) => from + index)
    await Promise.all(indexes.map(ask))
  }
}

/** Those who declare: one connection waits for the disk after each request, so there are more. */
class Declarers {
  readonly #clients: readonly SocketClient[]

  private constructor(clients: readonly SocketClient[]) {
    this.#clients = clients
  }

  static async open(stage: Stage): Promise<Declarers> {
    return new Declarers(await stage.clients(DECLARERS))
  }

  each(count: number, ask: (client: SocketClient, index: number) => Promise<unknown>) {
    return inParts(count, index => ask(this.#clients[index % DECLARERS]!, index))
  }
}

const DECLARERS = 50

const name = (index: number): string => `crowd-${index}`

async function consumeAll(client: SocketClient, count: number): Promise<number> {
  let received = 0
  client.handlers.message = ({ fields }) => {
    received++
    client.send(1, schema.basicAck, { deliveryTag: Number(fields['deliveryTag']), multiple: false })
  }
  await client.ask(1, schema.basicQos, { prefetchSize: 0, prefetchCount: 10, global: false })
  const flags = { noLocal: false, noAck: false, exclusive: false, nowait: false }
  const rest = { consumerTag: '', ...flags, arguments: emptyTable }
  await inParts(count, index => client.ask(1, schema.basicConsume, { queue: name(index), ...rest }))
  for (let waited = 0; received < 3 * count && waited < 6000; waited++) await sleep(10)
  return received
}

export const crowds: readonly Scenario[] = [
  {
    name: '10,000 queues are declared, written, consumed and deleted',
    async run(stage) {
      const count = stage.some(10_000)
      const client = await stage.client()
      const declarers = await Declarers.open(stage)
      await declarers.each(count, (one, index) => declare(one, name(index)))
      const told = (index: number) => ({ exchange: '', routingKey: name(index % count) })
      await publishConfirmed(client, told, repeated(body, 3 * count))
      const consumer = await stage.client()
      const received = await consumeAll(consumer, Math.min(count, 9000))
      const expected = 3 * Math.min(count, 9000)
      if (received !== expected) throw new Error(`${received} came of ${expected}`)
      await stage.checkService()
      await declarers.each(count, (one, index) => remove(one, name(index)))
      return `${count} queues, ${stage.checkMemory(900)}`
    },
  },
  {
    name: '10,000 bindings of one exchange route, and go again',
    async run(stage) {
      const count = stage.some(10_000)
      const client = await stage.client()
      const declarers = await Declarers.open(stage)
      for (const type of ['direct', 'topic', 'headers']) {
        const exchange = `crowded-${type}`
        await client.ask(1, schema.exchangeDeclare, { exchange, type, ...exchangeFlags })
        for (let queue = 0; queue < 10; queue++) await declare(client, name(queue))
        const key = (index: number): string => (type === 'topic' ? `a.${index}.#` : `a.${index}.b`)
        const binding = (index: number) => ({
          queue: name(index % 10),
          exchange,
          routingKey: key(index),
          arguments:
            type === 'headers'
              ? new Map([['n', { type: 'signedint', value: index } as const]])
              : emptyTable,
        })
        await declarers.each(count, (one, index) =>
          one.ask(1, schema.queueBind, { ...binding(index), nowait: false }),
        )
        if (type !== 'headers') {
          const sent = Math.min(1000, count)
          const told = (index: number) => ({ exchange, routingKey: `a.${index}.b` })
          await publishConfirmed(client, told, repeated(body, sent))
          let found = 0
          for (let queue = 0; queue < 10; queue++) found += await declare(client, name(queue))
          if (found !== sent) throw new Error(`${type}: ${found} of ${sent} were routed`)
        }
        await declarers.each(count, (one, index) => one.ask(1, schema.queueUnbind, binding(index)))
        await client.ask(1, schema.exchangeDelete, { exchange, ifUnused: true, nowait: false })
        for (let queue = 0; queue < 10; queue++) await remove(client, name(queue))
        client.handlers = {}
      }
      return stage.checkMemory(900)
    },
  },
  {
    name: '5,000 connections publish and consume',
    async run(stage) {
      const count = stage.some(5000)
      const before = stage.memoryMiB().now
      const clients = await stage.clients(count)
      await declare(clients[0]!, 'many')
      let received = 0
      for (const client of clients) client.handlers.message = () => received++
      await inParts(count, index => consume(clients[index]!, 'many', 1))
      for (const client of clients) client.publish(1, { routingKey: 'many' }, body)
      await stage.until('each has one', () => received === count)
      await stage.checkService()
      const held = stage.memoryMiB().now - before
      stage.endClients()
      await remove(await stage.client(), 'many')
      return `${count} connections, ${held} MiB more, ${stage.checkMemory(1200)}`
    },
  },
  {
    name: 'channels are opened by the thousand, and no more than agreed',
    async run(stage) {
      const clients = await stage.clients(stage.some(100))
      for (const client of clients) {
        const opened: Promise<unknown>[] = []
        for (let channel = 2; channel <= 2047; channel++)
          opened.push(client.ask(channel, schema.channelOpen, {}))
        await Promise.all(opened)
      }
      await stage.checkService()
      const told = stage.checkMemory(1200)
      const [first] = clients
      first!.send(2048, schema.channelOpen, {})
      await first!.ended
      if (!/NOT_ALLOWED|CHANNEL_ERROR/.test(first!.closeText ?? ''))
        throw new Error(`channel 2048 is answered with: ${first!.closeText}`)
      // One channel, opened and closed again and again, leaves nothing behind.
      const client = await stage.client()
      const close = { replyCode: 200, replyText: '', classId: 0, methodId: 0 }
      for (let again = stage.some(20_000); again > 0; again--) {
        void client.ask(2, schema.channelOpen, {})
        await client.ask(2, schema.channelClose, close)
      }
      return `${clients.length * 2047} channels, ${told}`
    },
  },
  {
    name: 'declarations without end, and answers nobody reads, cost a bounded memory',
    async run(stage) {
      const client = await stage.client()
      await declare(client, 'again')
      client.stopReading()
      const flags = { passive: true, exclusive: false, autoDelete: false, nowait: false }
      const fields = { queue: 'again', durable: true, ...flags, arguments: emptyTable }
      const chunk = Buffer.concat(
        Array.from({ length: 1000 }, () => methodFrame(1, schema.queueDeclare, fields)),
      )
      // Until it does not take more: then it waits for its answers to be read.
      const chunks = stage.some(3000)
      let sent = 0
      for (let idle = 0; sent < chunks && idle < 300; ) {
        if (client.isCongested) {
          idle++
          await sleep(10)
        } else {
          client.write(chunk)
          sent++
          idle = 0
        }
      }
      await stage.checkService()
      return `${sent} thousand requests, ${stage.checkMemory(900)}`
    },
  },
]
