import { setTimeout as sleep } from 'node:timers/promises'
import { frame } from '../../src/protocols/amqp091/channel/client-frames.fixture.ts'
import { methodFrame } from '../../src/protocols/amqp091/codec/index.ts'
import { frameType } from '../../src/protocols/amqp091/constants.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import { consume, declare, publishConfirmed, remove, type Scenario, type Stage } from './stage.ts'

const MiB = 2 ** 20

/** What closes the channel of somebody who announces so large a message. */
async function refusal(stage: Stage, sizeBytes: number): Promise<string> {
  const client = await stage.client()
  await declare(client, 'size')
  let text = ''
  client.handlers.notice = (_, { fields }) => {
    text = `${String(fields['replyCode'])} ${String(fields['replyText'])}`
  }
  const head = Buffer.alloc(14)
  head.writeUInt16BE(60)
  head.writeBigUInt64BE(BigInt(sizeBytes), 4)
  const flags = { mandatory: false, immediate: false }
  client.write(methodFrame(1, schema.basicPublish, { exchange: '', routingKey: 'size', ...flags }))
  client.write(frame(frameType.HEADER, 1, [head]))
  // As clients do: the body follows until the answer is seen.
  const part = frame(frameType.BODY, 1, [Buffer.alloc(131_064)])
  for (let sent = 0; sent < sizeBytes && text === ''; sent += 131_064) {
    client.write(part)
    while (client.isCongested && text === '') await sleep(1)
  }
  await stage.until('it is refused', () => text !== '')
  // The connection is as good as it was.
  await client.ask(1, schema.channelOpen, {})
  await remove(client, 'size')
  return text
}

function expectText(found: string, expected: string): void {
  if (found !== expected) throw new Error(`refused with "${found}", not "${expected}"`)
}

export const sizes: readonly Scenario[] = [
  {
    name: 'a message of 512 MiB is refused in RabbitMQ’s words, and never held',
    async run(stage) {
      const size = 512 * MiB
      const told = `PRECONDITION_FAILED - message size ${size} is larger than configured max size`
      expectText(await refusal(stage, size), `406 ${told} ${16 * MiB}`)
      await stage.checkService()
      return stage.checkMemory(900)
    },
  },
  {
    name: 'one of 100 MiB is taken where it is configured, and comes back as it was',
    flags: ['--messages-bytes-max', '128MiB'],
    async run(stage) {
      const client = await stage.client()
      await declare(client, 'large')
      const body = Buffer.alloc(100 * MiB)
      for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(at, at)
      for (let count = 0; count < 3; count++) await publishConfirmed(client, 'large', [body])
      let received = 0
      client.handlers.message = message => {
        if (!message.body.equals(body)) throw new Error('it came back as another one')
        received++
        const deliveryTag = Number(message.fields['deliveryTag'])
        client.send(1, schema.basicAck, { deliveryTag, multiple: false })
      }
      await consume(client, 'large', 1)
      await stage.until('all are back', () => received === 3)
      await stage.checkService()
      const size = 129 * MiB
      const told = `PRECONDITION_FAILED - message size ${size} is larger than configured max size`
      expectText(await refusal(stage, size), `406 ${told} ${128 * MiB}`)
      return stage.checkMemory(1800)
    },
  },
]
