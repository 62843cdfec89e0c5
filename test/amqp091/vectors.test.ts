import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { methodFrame, readMethod } from '../../src/protocols/amqp091/codec/index.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import { AmqpLoopback, framesOf, type Received } from './loopback.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'

type Line = { readonly side: 'C' | 'S'; readonly bytes: Buffer }

const folder = new URL('../../src/protocols/amqp091/vectors/', import.meta.url)
const vectors = readdirSync(folder).map((file): [name: string, lines: Line[]] => {
  const [, ...lines] = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n')
  return [
    file.replace('.txt', ''),
    lines.map(line => ({
      side: line.startsWith('C') ? 'C' : 'S',
      bytes: Buffer.from(line.slice(2), 'hex'),
    })),
  ]
})

const METHOD = 1

describe('vectors: methods as amqplib and RabbitMQ write them', () => {
  test.each(vectors)('%s', (_name, lines) => {
    for (const { bytes } of lines) {
      if (bytes[0] !== METHOD) continue
      const method = schema.methodOf(bytes.readInt32BE(7))!
      const fields = readMethod(method, bytes, 11, bytes.length - 1)
      const again = methodFrame(
        bytes.readUInt16BE(1),
        method,
        fields as schema.DraftOf<schema.Fields>,
      )
      expect(again.toString('hex')).toBe(bytes.toString('hex'))
    }
  })
})

function comparable({ channel, name, fields, payload }: Received): object {
  if (name === 'header' || name === 'body')
    return { channel, name, payload: payload.toString('hex') }
  return { channel, name, fields }
}

describe('vectors: what RabbitMQ answered, we answer', () => {
  test.each(vectors)('%s', async (_name, lines) => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    const [header, ...rest] = lines
    receiveLent(client.connection, header!.bytes)
    await client.next('connection.start') // About the product: it was not recorded.
    for (const { side, bytes } of rest) {
      if (side === 'C') {
        receiveLent(client.connection, bytes)
        continue
      }
      const [expected] = framesOf(bytes)
      expect(comparable(await client.next())).toEqual(comparable(expected!))
    }
    expect(client.inbox).toEqual([])
  })
})
