import { setTimeout as sleep } from 'node:timers/promises'
import { publishBytes } from '../../src/protocols/amqp091/channel/client-frames.fixture.ts'
import { emptyTable, methodFrame } from '../../src/protocols/amqp091/codec/index.ts'
import { PROTOCOL_HEADER } from '../../src/protocols/amqp091/constants.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import { declare, remove, type Scenario } from './stage.ts'

/** All a client says from its first byte on, ending with one message in a transaction. */
function wholeLife(queue: string): Buffer {
  const tuned = { channelMax: 2047, frameMax: 131_072, heartbeat: 0 }
  const body = Buffer.alloc(300, 'y')
  return Buffer.concat([
    PROTOCOL_HEADER,
    methodFrame(0, schema.connectionStartOk, {
      clientProperties: new Map([['product', { type: 'longstr', value: 'hostile' }]]),
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      locale: 'en_US',
    }),
    methodFrame(0, schema.connectionTuneOk, tuned),
    methodFrame(0, schema.connectionOpen, { virtualHost: '/' }),
    methodFrame(1, schema.channelOpen, {}),
    methodFrame(1, schema.queueDeclare, {
      queue,
      passive: false,
      durable: true,
      exclusive: false,
      autoDelete: false,
      nowait: false,
      arguments: emptyTable,
    }),
    methodFrame(1, schema.txSelect, {}),
    publishBytes(1, { routingKey: queue }, body, { deliveryMode: 2 }, 100),
    methodFrame(1, schema.txCommit, {}),
  ])
}

export const strangers: readonly Scenario[] = [
  {
    name: 'connections cut at every byte leave nothing half done',
    async run(stage) {
      const life = wholeLife('cut')
      const step = Math.max(1, Math.round(1 / stage.share))
      let cuts = 0
      for (let end = 0; end < life.length; end += step) {
        const client = await stage.stranger()
        client.ignoreAll()
        client.write(life.subarray(0, end))
        // Some are cut before the last bytes arrive, some after they were answered.
        if (cuts++ % 3 === 0) await sleep(2)
        client.destroy()
      }
      const whole = await stage.stranger()
      whole.ignoreAll()
      whole.write(life)
      const client = await stage.client()
      await stage.until('the whole one is there', async () => (await declare(client, 'cut')) > 0)
      const found = await declare(client, 'cut')
      if (found !== 1) throw new Error(`${found} messages are there of one commit`)
      await remove(client, 'cut')
      await stage.checkService()
      return `${cuts} connections`
    },
  },
  {
    name: 'connections that do not log in are ended, and keep nobody away',
    async run(stage) {
      const start = methodFrame(0, schema.connectionStartOk, {
        clientProperties: emptyTable,
        mechanism: 'PLAIN',
        response: Buffer.from('\0guest\0wrong'),
        locale: 'en_US',
      })
      const openings = [
        Buffer.alloc(0),
        PROTOCOL_HEADER.subarray(0, 3),
        PROTOCOL_HEADER,
        Buffer.concat([PROTOCOL_HEADER, start.subarray(0, start.length - 5)]),
        Buffer.concat([PROTOCOL_HEADER, start]),
        Buffer.concat([PROTOCOL_HEADER, Buffer.from([1, 0, 0, 0x7f, 0xff, 0xff, 0xff])]),
        Buffer.from('GET / HTTP/1.1\r\nHost: rabbit\r\n\r\n'),
        Buffer.alloc(5000, 0xff),
      ]
      const count = stage.some(2000)
      const open = new Set<Promise<void>>()
      for (let index = 0; index < count; index++) {
        const client = await stage.stranger()
        client.ignoreAll()
        client.write(openings[index % openings.length]!)
        open.add(client.ended)
      }
      await stage.checkService()
      const told = stage.checkMemory(900)
      let isOver = false
      void Promise.all(open).then(() => (isOver = true))
      await stage.until('all of them are ended', () => isOver)
      await stage.checkService()
      return `${count} connections, ${told}`
    },
  },
  {
    name: 'a client whose heart stops is let go, and one whose heart beats is not',
    async run(stage) {
      const silent = await stage.client({ heartbeat: 1 })
      const alive = await stage.client({ heartbeat: 1 })
      await declare(silent, 'beats')
      const beating = setInterval(() => alive.heartbeat(), 300)
      let isSilentEnded = false
      void silent.ended.then(() => (isSilentEnded = true))
      await stage.until('the silent one is ended', () => isSilentEnded)
      await sleep(2500)
      clearInterval(beating)
      if (alive.isEnded) throw new Error(`the one that beats was ended: ${alive.closeText}`)
      await remove(alive, 'beats')
    },
  },
]
