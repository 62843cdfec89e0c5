import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import { encodeBatch } from '../../../src/log/batch/index.ts'
import { decodeResponse, encodeRequest as encodeParts } from '../../../src/protocols/kafka/codec.ts'
import {
  apiVersions,
  createTopics,
  metadata,
  produce,
} from '../../../src/protocols/kafka/schema/index.ts'
import { launch, sabir } from '../brokers.ts'
import { RawSocket } from './raw-socket.ts'

const lines: string[] = []
const note = (_facts: object, message: string): void => {
  lines.push(message)
}
const logger: Logger = { debug: () => {}, info: note, warn: note, error: note }

let broker: RunningBroker
/** Another client of the same broker, which must not notice anything. */
let bystander: RawSocket
const address = (): string => broker.url('kafka')

const encodeRequest = (...request: Parameters<typeof encodeParts>): Buffer =>
  Buffer.concat(encodeParts(...request))

const ask = encodeRequest(
  apiVersions,
  { apiVersion: 3, correlationId: 7, clientId: 'c' },
  { clientSoftwareName: 'raw', clientSoftwareVersion: '1' },
)

beforeAll(async () => {
  broker = await startBroker({ logger })
  bystander = await RawSocket.open(address())
  bystander.send(
    encodeRequest(
      createTopics,
      { apiVersion: 7, correlationId: 1, clientId: 'c' },
      { topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }], timeoutMs: 5000 },
    ),
  )
  await bystander.response()
})
afterAll(async () => {
  bystander.close()
  await broker.close()
})

async function bystanderIsFine(): Promise<void> {
  bystander.send(ask)
  const response = await bystander.response()
  expect(response?.readInt32BE(0)).toBe(7)
}

const size = (bytes: number): Buffer => {
  const header = Buffer.alloc(4)
  header.writeInt32BE(bytes)
  return header
}
const framed = (...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([size(body.length), body])
}
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

const batch = encodeBatch([{ key: null, value: Buffer.from('v'), headers: [], timestamp: 1 }])
const producing = (records: Buffer): Buffer =>
  encodeRequest(
    produce,
    { apiVersion: 9, correlationId: 9, clientId: 'c' },
    {
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    },
  )

/** What ends a connection: the broker can make no sense of it, and says so once in its log. */
const malformed: [name: string, bytes: Buffer][] = [
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a TLS greeting', hex('16 03 01 02 00 01 00 01 fc 03 03')],
  ['a negative size', size(-1)],
  ['a size of nothing', size(0)],
  ['a size beyond the limit', size(200 * 1024 * 1024)],
  ['half a header', framed(hex('0012 0003'))],
  ['an unknown API', framed(hex('7fff 0000 00000001 ffff'))],
  ['a version that is not served', framed(hex('0003 7fff 00000001 ffff'))],
  ['a name that is longer than the request', framed(hex('0003 0001 00000001 7fff 61'))],
  ['an array that is longer than the request', framed(hex('0003 0001 00000001 ffff 7fffffff'))],
  ['a produce request cut short', framed(producing(batch).subarray(4, 40))],
]

describe('what cannot be read', () => {
  for (const [name, bytes] of malformed) {
    test(`${name}: the connection is closed with one line in the log`, async () => {
      lines.length = 0
      const socket = await RawSocket.open(address())
      socket.send(bytes)
      await socket.closed()
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(/^closing a connection: .{10,}/)
      await bystanderIsFine()
    })
  }
})

describe('what can be read', () => {
  test('a damaged batch is refused, and the connection lives on', async () => {
    const damaged = Buffer.from(batch)
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1)
    const socket = await RawSocket.open(address())
    socket.send(producing(damaged))
    const refusal = decodeResponse(produce, 9, (await socket.response()) ?? Buffer.alloc(0))
    expect(refusal.responses[0]?.partitionResponses[0]?.errorCode).toBe(2) // CORRUPT_MESSAGE
    socket.send(producing(Buffer.from(batch)))
    const answer = decodeResponse(produce, 9, (await socket.response()) ?? Buffer.alloc(0))
    expect(answer.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0 })
    socket.close()
  })

  test('a client too new is told what there is, in the oldest words', async () => {
    const socket = await RawSocket.open(address())
    socket.send(framed(hex('0012 7fff 00000005 ffff 00')))
    const response = (await socket.response()) ?? Buffer.alloc(0)
    expect(response.readInt32BE(0)).toBe(5)
    expect(response.readInt16BE(4)).toBe(35) // UNSUPPORTED_VERSION
    socket.send(ask)
    expect((await socket.response())?.readInt32BE(0)).toBe(7)
    socket.close()
  })

  test('a request that comes byte by byte is answered, and nobody waits for it', async () => {
    const socket = await RawSocket.open(address())
    for (const byte of ask) {
      socket.send(Buffer.of(byte))
      await new Promise(resolve => setImmediate(resolve))
    }
    await bystanderIsFine()
    expect((await socket.response())?.readInt32BE(0)).toBe(7)
    socket.close()
  })

  test('a client that leaves in the middle of a request is nobody’s business', async () => {
    lines.length = 0
    const socket = await RawSocket.open(address())
    socket.send(ask.subarray(0, 10))
    await bystanderIsFine()
    socket.close()
    await bystanderIsFine()
    expect(lines).toEqual([])
  })
})

const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

/** Memory is counted from outside, so these have a process of their own, and need Linux. */
describe.runIf(process.platform === 'linux')('memory stays bounded', () => {
  const MiB = 1024 * 1024

  async function growth(run: (address: string) => Promise<RawSocket[]>): Promise<number> {
    const victim = await launch(sabir('kafka'))
    try {
      const first = await RawSocket.open(victim.address)
      first.send(ask)
      await first.response()
      const before = residentBytes(victim.pid())
      const sockets = await run(victim.address)
      first.send(ask)
      expect((await first.response())?.readInt32BE(0)).toBe(7)
      const after = residentBytes(victim.pid())
      for (const socket of [...sockets, first]) socket.close()
      return after - before
    } finally {
      await victim.stop()
    }
  }

  const open = (address: string, count: number): Promise<RawSocket[]> =>
    Promise.all(Array.from({ length: count }, () => RawSocket.open(address)))

  test('with 2,000 connections that say nothing', async () => {
    const grown = await growth(address => open(address, 2000))
    expect(grown).toBeLessThan(60 * MiB)
  })

  test('with 500 clients that announce 90 MiB and send a little', async () => {
    const grown = await growth(async address => {
      const sockets = await open(address, 500)
      for (const socket of sockets) {
        socket.send(Buffer.concat([size(90 * MiB), Buffer.alloc(1000)]))
      }
      return sockets
    })
    expect(grown).toBeLessThan(60 * MiB)
  })

  test('with a client that asks without end and never reads', async () => {
    const request = encodeRequest(
      metadata,
      { apiVersion: 9, correlationId: 1, clientId: 'c' },
      { topics: null },
    )
    const many = Buffer.concat(Array.from({ length: 2000 }, () => request))
    const grown = await growth(async address => {
      const [socket] = await open(address, 1)
      if (socket === undefined) return []
      socket.pause()
      for (let turn = 0; turn < 100; turn++) {
        socket.send(many)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      return [socket]
    })
    expect(grown).toBeLessThan(100 * MiB)
  })
})
