import { ByteReader } from '../../src/lib/bytes/index.ts'
import { assert } from '../../src/lib/assert.ts'
import {
  FrameSplitter,
  methodFrame,
  readMethod,
  readTable,
  tableBytes,
} from '../../src/protocols/amqp091/codec/index.ts'
import { FRAME_END, PROTOCOL_HEADER } from '../../src/protocols/amqp091/constants.ts'
import { AmqpError } from '../../src/protocols/amqp091/errors.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import { AmqpLoopback } from '../amqp091/loopback.ts'
import { conversation, everyMethod } from './amqp091-corpus.ts'
import { type Dice, mutated } from './bytes.ts'
import { mayRefuse, type Target } from './target.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'

const FRAME_MAX = 16 * 1024
const POISON = 0xdb

const methods: Target = {
  name: 'amqp091 methods',
  run(dice) {
    const method = dice.pick(schema.methods)
    const bytes = mutated(dice, everyMethod.get(method.key)!)
    const fields = mayRefuse(() => readMethod(method, bytes, 0, bytes.length))
    if (fields === undefined) return
    const draft = fields as schema.DraftOf<schema.Fields>
    const once = methodFrame(1, method, draft)
    const again = readMethod(method, once, 11, once.length - 1)
    const twice = methodFrame(1, method, again as schema.DraftOf<schema.Fields>)
    assert(once.equals(twice), `${method.name} reads what it wrote: ${bytes.toString('hex')}`)
  },
}

const tables: Target = {
  name: 'amqp091 field tables',
  run(dice) {
    const bytes = mutated(dice, everyMethod.get(schema.connectionStartOk.key)!)
    const table = mayRefuse(() => readTable(new ByteReader(bytes)))
    if (table === undefined) return
    const size = Buffer.alloc(4)
    const once = tableBytes(table)
    size.writeUInt32BE(once.length)
    const again = readTable(new ByteReader(Buffer.concat([size, once])))
    assert(tableBytes(again).equals(once), `a table reads what it wrote: ${bytes.toString('hex')}`)
  },
}

const splitter: Target = {
  name: 'amqp091 splitter',
  run(dice) {
    const sent = Array.from({ length: dice.below(8) }, () => frameOf(dice))
    const stream = Buffer.concat(sent)
    const isMutated = dice.below(2) === 0
    const received = split(isMutated ? mutated(dice, [stream]) : stream, dice)
    if (isMutated) return
    assert(received.length === sent.length, 'every frame arrives')
    for (const [index, payload] of received.entries())
      assert(payload.equals(sent[index]!.subarray(7, -1)), 'frames arrive as they were sent')
  },
}

function frameOf(dice: Dice): Buffer {
  const payload = dice.bytes(dice.below(dice.pick([4, 64, 4096, FRAME_MAX - 8])))
  const head = Buffer.alloc(7)
  head[0] = dice.pick([1, 2, 3, 8])
  head.writeUInt16BE(dice.below(65_536), 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.of(FRAME_END)])
}

/** Reads are lent; now and then a frame is not taken, and comes again. */
function split(stream: Buffer, dice: Dice): Buffer[] {
  const splitting = new FrameSplitter(FRAME_MAX)
  const payloads: Buffer[] = []
  let pieces: Buffer[] = []
  const take = (): void => {
    pieces.push(Buffer.from(splitting.bytes.subarray(splitting.start, splitting.end)))
    if (splitting.left > 0) return
    payloads.push(Buffer.concat(pieces))
    pieces = []
  }
  try {
    for (const read of cut(stream, dice)) {
      splitting.push(read)
      while (splitting.next()) {
        if (dice.below(4) > 0) take()
        else {
          splitting.again()
          if (dice.below(2) === 0) break
        }
      }
      splitting.settle()
      read.fill(POISON)
    }
    while (splitting.next()) take()
    assert(splitting.pendingBytes <= FRAME_MAX + 8, 'no more waits than one frame')
  } catch (error) {
    if (!(error instanceof AmqpError)) throw error
  }
  return payloads
}

function* cut(stream: Buffer, dice: Dice): Generator<Buffer> {
  for (let at = 0; at < stream.length; ) {
    const read = Buffer.from(stream.subarray(at, at + 1 + dice.below(dice.pick([4, 64, 4096]))))
    at += read.length
    yield read
  }
}

const world = await AmqpLoopback.open()

/** A client that means well until some of its bytes change. The broker answers, or hangs up. */
const connections: Target = {
  name: 'amqp091 connections',
  run(dice) {
    const client = world.client()
    const stream = mutated(dice, [conversation])
    const isGreeted = dice.below(4) > 0
    for (const read of cut(isGreeted ? Buffer.concat([greeting, stream]) : stream, dice)) {
      if (client.isEnded) break
      receiveLent(client.connection, read)
    }
    client.connection.tick(dice.below(100_000) as never)
    client.connection.closed()
    for (const queue of [...world.broker.queues.all()]) world.broker.queues.delete(queue)
    for (const exchange of [...world.broker.exchanges.all()])
      if (!/^(amq\..*)?$/.test(exchange.spec.name)) world.broker.exchanges.delete(exchange)
    assert(world.broker.sessions.count === 0, 'nobody is connected who is gone')
  },
}

/** Up to an open channel, so that most of the rest is looked at. */
const greeting = Buffer.concat([
  PROTOCOL_HEADER,
  methodFrame(0, schema.connectionStartOk, {
    clientProperties: new Map(),
    mechanism: 'ANONYMOUS',
    response: Buffer.alloc(0),
    locale: 'en_US',
  }),
  methodFrame(0, schema.connectionTuneOk, { channelMax: 9, frameMax: FRAME_MAX, heartbeat: 1 }),
  methodFrame(0, schema.connectionOpen, { virtualHost: '/' }),
  methodFrame(1, schema.channelOpen, {}),
])

export const amqp091Targets: readonly Target[] = [
  methods,
  tables,
  splitter,
  connections,
  connections,
]
