import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { Millis } from '../../lib/brand.ts'
import { limits } from '../../limits/limits.ts'
import type { Store, StoreRefusal } from '../../log/store.ts'
import type { Peer } from '../protocol.ts'
import { correlationOf, decodeResponse, encodeRequest } from './codec.ts'
import { KafkaConnection } from './connection.ts'
import { errorCode } from './constants.ts'
import { DiskGate } from '../disk-gate.ts'
import {
  type Api,
  apiVersions,
  type DraftOf,
  type Fields,
  listOffsets,
  produce,
} from './schema/index.ts'
import type { Services } from './services.ts'
import { RequestSplitter } from './splitter.ts'
import { receiveLent } from '../lent-read.fixture.ts'

/** A connection whose peer is this object: what it wrote, how it was treated, what was logged. */
class World {
  now = 0
  isPaused = false
  isEnded = false
  readonly logged: string[] = []
  readonly frames: Buffer[] = []
  advance: () => void = () => undefined
  readonly egress = {
    congested: false,
    whenTaken: (done: () => void) => done(),
    pendingBytes: 0,
    write: (bytes: Buffer) => this.#written(bytes),
    reserve: (sizeBytes: number) => Buffer.alloc(sizeBytes),
    position: 0,
    advance: () => undefined,
    end: () => void (this.isEnded = true),
    destroy: () => void (this.isEnded = true),
  }
  readonly store = {
    unconfirmedBytes: 0,
    refusal: null as StoreRefusal | null, // A literal null alone would be its whole type.
    onAdvanced: (listener: () => void) => void (this.advance = listener),
    onRefusal: () => undefined,
  }
  readonly connection: KafkaConnection
  readonly #splitter = new RequestSplitter()

  constructor() {
    this.connection = new KafkaConnection(this.#peer(), this.#services())
  }

  get correlations(): number[] {
    return this.frames.map(correlationOf)
  }

  #peer(): Peer {
    const log = (_: object, message: string) => void this.logged.push(message)
    return {
      egress: this.egress,
      remote: { host: '127.0.0.1', port: 50_000 },
      local: { host: '127.0.0.1', port: 9092 },
      listener: { name: 'default', advertised: null },
      isTls: false,
      certificate: null,
      logger: { debug: log, info: log, warn: log, error: log },
      now: () => Millis(this.now),
      pause: () => void (this.isPaused = true),
      resume: () => void (this.isPaused = false),
    }
  }

  /** As much of a broker as requests need that concern no topic. */
  #services(): Services {
    return {
      broker: { topics: { byName: () => undefined } },
      diskGate: new DiskGate(this.store as unknown as Store),
      served: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
      connected: () => {},
      disconnected: () => {},
      tick: () => {},
    } as unknown as Services
  }

  #written(bytes: Buffer): void {
    this.#splitter.push(bytes)
    for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next())
      this.frames.push(this.#splitter.own(frame))
  }
}

function request<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  apiVersion: number,
  correlationId: number,
  body: DraftOf<Request>,
): Buffer {
  const header = { apiVersion, correlationId, clientId: 'test' }
  return Buffer.concat(encodeRequest(api, header, body))
}

const introduction = { clientSoftwareName: 'test', clientSoftwareVersion: '1.0' }
const versionsRequest = (correlationId: number, version = 3) =>
  request(apiVersions, version, correlationId, introduction)
/** Its handler is asynchronous, so what comes after it is ready before it. */
const slowRequest = (correlationId: number) =>
  request(listOffsets, 5, correlationId, { replicaId: -1, topics: [] })
const produceRequest = (correlationId: number, acks: number) => {
  const topicData = [{ name: 'nowhere', partitionData: [{ index: 0, records: null }] }]
  return request(produce, 9, correlationId, { acks, timeoutMs: 1000, topicData })
}
const turn = () => new Promise(resolve => setImmediate(resolve))

describe('kafka connection', () => {
  test.each([0, 1, 2, 3, 4])('answers ApiVersions %i', version => {
    const world = new World()
    receiveLent(world.connection, versionsRequest(7, version))
    deepEqual(world.correlations, [7])
    const response = decodeResponse(apiVersions, version, world.frames[0]!)
    equal(response.errorCode, 0)
    deepEqual(response.apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
  })

  test('answers an ApiVersions from the future in version 0', () => {
    const world = new World()
    const bytes = versionsRequest(7)
    bytes.writeInt16BE(99, 6)
    receiveLent(world.connection, bytes)
    const response = decodeResponse(apiVersions, 0, world.frames[0]!)
    equal(response.errorCode, errorCode.UNSUPPORTED_VERSION)
    deepEqual(response.apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
    equal(world.isEnded, false)
  })

  test('refuses a software name that is none', () => {
    const world = new World()
    const body = { clientSoftwareName: 'no\nname', clientSoftwareVersion: '1' }
    receiveLent(world.connection, request(apiVersions, 3, 1, body))
    equal(decodeResponse(apiVersions, 3, world.frames[0]!).errorCode, errorCode.INVALID_REQUEST)
  })

  test('answers in the order of the requests, whichever is ready first', async () => {
    const world = new World()
    receiveLent(
      world.connection,
      Buffer.concat([slowRequest(1), versionsRequest(2), slowRequest(3)]),
    )
    deepEqual(world.correlations, [])
    await turn()
    deepEqual(world.correlations, [1, 2, 3])
  })

  test('does not depend on how the stream was cut', async () => {
    const stream = Buffer.concat([versionsRequest(1), slowRequest(2), versionsRequest(3, 0)])
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 })
    const property = fc.asyncProperty(cuts, async sizes => {
      const world = new World()
      for (let at = 0, index = 0; at < stream.length; index++) {
        const size = sizes[index % sizes.length]!
        receiveLent(world.connection, Buffer.from(stream.subarray(at, at + size)))
        at += size
      }
      await turn()
      deepEqual(world.correlations, [1, 2, 3])
    })
    await fc.assert(property, { numRuns: 50 })
  })
})

const hostile: [name: string, bytes: Buffer][] = [
  ['a negative size', Buffer.from('ffffffff', 'hex')],
  ['a size beyond the limit', Buffer.from('7fffffff', 'hex')],
  ['an unknown API', Buffer.from('0000000a 7777 0000 00000001 ffff'.replaceAll(' ', ''), 'hex')],
  [
    'an unknown version',
    Buffer.from('0000000a 0001 0063 00000001 ffff'.replaceAll(' ', ''), 'hex'),
  ],
  ['a request of no bytes', Buffer.from('00000000', 'hex')],
  ['a body cut short', Buffer.from('0000000a 0002 0005 00000001 ffff'.replaceAll(' ', ''), 'hex')],
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
]

describe('kafka connection: what cannot be answered ends it with one log line', () => {
  test.each(hostile)('%s', (_, bytes) => {
    const world = new World()
    receiveLent(world.connection, bytes)
    equal(world.isEnded, true)
    equal(world.logged.length, 1)
    receiveLent(world.connection, versionsRequest(1))
    deepEqual(world.frames, [])
  })

  test('an error in a produce request without acknowledgement', () => {
    const world = new World()
    receiveLent(world.connection, produceRequest(1, 0))
    deepEqual(world.frames, [])
    equal(world.isEnded, true)
    equal(world.logged.length, 1)
  })

  test('what was answered before still goes out', () => {
    const world = new World()
    receiveLent(world.connection, Buffer.concat([versionsRequest(1), hostile[0]![1]]))
    deepEqual(world.correlations, [1])
    equal(world.isEnded, true)
  })
})

describe('kafka connection: time', () => {
  const second = 1000
  const pass = (world: World, milliseconds: number) => {
    for (const end = world.now + milliseconds; world.now < end; world.now += second)
      world.connection.tick(Millis(world.now))
  }

  test('an idle client is let go after ten minutes, a busy one is not', () => {
    const world = new World()
    pass(world, limits.connectionIdleMs)
    receiveLent(world.connection, versionsRequest(1))
    pass(world, limits.connectionIdleMs)
    equal(world.isEnded, false)
    pass(world, 2 * second)
    equal(world.isEnded, true)
  })

  test('half a request is not waited for beyond a minute', () => {
    const world = new World()
    receiveLent(world.connection, versionsRequest(1).subarray(0, 10))
    pass(world, limits.requestArrivalMs)
    equal(world.isEnded, false)
    receiveLent(world.connection, versionsRequest(1).subarray(10, 11))
    pass(world, 3 * second)
    equal(world.isEnded, true)
    equal(world.logged.length, 1)
  })

  test('a steady stream of requests cut in the middle is no half request', () => {
    const world = new World()
    const bytes = versionsRequest(1)
    const shifted = Buffer.concat([bytes.subarray(10), bytes.subarray(0, 10)])
    receiveLent(world.connection, bytes.subarray(0, 10))
    for (let index = 0; index < 200; index++) {
      receiveLent(world.connection, Buffer.from(shifted))
      pass(world, second)
    }
    equal(world.isEnded, false)
    equal(world.frames.length, 200)
  })
})

describe('kafka connection: backpressure', () => {
  test('only so many requests are begun before they are answered', async () => {
    const world = new World()
    const count = limits.requestsInFlightMax + 10
    const requests = Array.from({ length: count }, (_, index) => slowRequest(index))
    receiveLent(world.connection, Buffer.concat(requests))
    equal(world.isPaused, true)
    await turn()
    await turn()
    equal(world.frames.length, count)
    equal(world.isPaused, false)
  })

  test('a client that does not read is not served further until it does', () => {
    const world = new World()
    world.egress.congested = true
    receiveLent(world.connection, versionsRequest(1))
    deepEqual(world.correlations, [])
    equal(world.isPaused, true)
    world.egress.congested = false
    world.connection.drained()
    deepEqual(world.correlations, [1])
    equal(world.isPaused, false)
  })

  test('producers wait for a disk that lags, readers do not', () => {
    const world = new World()
    world.store.unconfirmedBytes = limits.unconfirmedBytesHigh + 1
    receiveLent(world.connection, Buffer.concat([versionsRequest(1), produceRequest(2, 1)]))
    deepEqual(world.correlations, [1])
    equal(world.isPaused, true)
    world.store.unconfirmedBytes = limits.unconfirmedBytesLow + 1
    world.advance()
    deepEqual(world.correlations, [1])
    world.store.unconfirmedBytes = 0
    world.advance()
    deepEqual(world.correlations, [1, 2])
    equal(world.isPaused, false)
  })

  test('producers do not wait for a disk that refuses', () => {
    const world = new World()
    world.store.unconfirmedBytes = limits.unconfirmedBytesHigh + 1
    world.store.refusal = { reason: 'disk-full', message: 'full' }
    receiveLent(world.connection, produceRequest(1, 1))
    deepEqual(world.correlations, [1])
  })
})

describe('kafka connection: stopping', () => {
  test('finishes what was begun and takes nothing new', async () => {
    const world = new World()
    receiveLent(world.connection, slowRequest(1))
    world.connection.stopping()
    receiveLent(world.connection, versionsRequest(2))
    equal(world.isEnded, false)
    await turn()
    deepEqual(world.correlations, [1])
    equal(world.isEnded, true)
  })

  test('a peer that is gone gets no answer', async () => {
    const world = new World()
    receiveLent(world.connection, slowRequest(1))
    world.connection.closed()
    await turn()
    deepEqual(world.frames, [])
    ok(!world.isEnded)
  })
})
