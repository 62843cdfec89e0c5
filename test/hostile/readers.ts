import { setTimeout as sleep } from 'node:timers/promises'
import { basicAck } from '../../src/protocols/amqp091/schema/index.ts'
import {
  consume,
  declare,
  publishConfirmed,
  remove,
  repeated,
  type Scenario,
  type Stage,
} from './stage.ts'

const MiB = 2 ** 20
const KiB = 1024
/** More than the broker may hold, at full size: what it keeps would show. */
const BACKLOG_BYTES = 1500 * MiB

async function fill(stage: Stage, queue: string, bodyBytes: number): Promise<number> {
  const client = await stage.client()
  await declare(client, queue)
  const count = Math.ceil(stage.some(BACKLOG_BYTES) / bodyBytes)
  await publishConfirmed(client, queue, repeated(Buffer.alloc(bodyBytes, 'x'), count))
  client.destroy()
  return count
}

async function drop(stage: Stage, queue: string): Promise<void> {
  await remove(await stage.client(), queue)
}

export const readers: readonly Scenario[] = [
  {
    name: 'consumers that never acknowledge get what is allowed, and cost little',
    async run(stage) {
      const count = await fill(stage, 'never', 4 * KiB)
      let received = 0
      for (let index = 0; index < 4; index++) {
        const client = await stage.client()
        client.handlers.message = () => received++
        await consume(client, 'never', 0)
      }
      await stage.until('all is out', () => received === count)
      await stage.checkService()
      const told = stage.checkMemory(900)
      stage.endClients()
      // All of it is back.
      const client = await stage.client()
      await stage.until('all is back', async () => (await declare(client, 'never')) === count)
      await drop(stage, 'never')
      return `${count} out, ${told}`
    },
  },
  {
    name: 'a consumer that does not read stops its own deliveries and nobody else’s',
    async run(stage) {
      const count = await fill(stage, 'slow', 16 * KiB)
      const slow = await stage.client()
      await consume(slow, 'slow', 0)
      slow.stopReading()
      await sleep(1000)
      const fast = await stage.client()
      let received = 0
      fast.handlers.message = ({ fields }) => {
        received++
        const deliveryTag = Number(fields['deliveryTag'])
        fast.send(1, basicAck, { deliveryTag, multiple: false })
      }
      await consume(fast, 'slow', 100)
      // The system's buffers hold some megabytes of it; everything else is for the other one.
      const theirs = count - Math.ceil((24 * MiB) / (16 * KiB))
      await stage.until('the other one has nearly all', () => received >= theirs)
      await stage.checkService()
      slow.destroy()
      await stage.until('the other one has all', () => received === count)
      const told = stage.checkMemory(900)
      stage.endClients()
      await drop(stage, 'slow')
      return `${count} messages, ${told}`
    },
  },
  {
    name: 'publishers faster than the disk wait, and lose nothing',
    async run(stage) {
      const clients = await stage.clients(4)
      await declare(clients[0]!, 'fast')
      const count = Math.ceil(stage.some(BACKLOG_BYTES) / (4 * 64 * KiB))
      const body = Buffer.alloc(64 * KiB, 'x')
      await Promise.all(clients.map(one => publishConfirmed(one, 'fast', repeated(body, count))))
      const found = await declare(clients[0]!, 'fast')
      if (found !== 4 * count) throw new Error(`${4 * count} were confirmed, ${found} are there`)
      const told = stage.checkMemory(900)
      stage.endClients()
      await drop(stage, 'fast')
      return `${found} messages of 64 KiB, ${told}`
    },
  },
]
