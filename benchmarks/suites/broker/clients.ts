import { setTimeout as sleep } from 'node:timers/promises'
import { createTopics, metadata } from '../../../src/protocols/kafka/schema/index.ts'
import { encode } from '../../../test/resp/socket.ts'
import * as amqp091 from '../../loads/amqp091/consumer.ts'
import { Publisher } from '../../loads/amqp091/publisher.ts'
import { settingsDefault } from '../../loads/amqp091/settings.ts'
import { targetsOf } from '../../loads/amqp091/stage.ts'
import { Wire as AmqpWire } from '../../loads/amqp091/wire.ts'
import { type Frame, makeFrames, sendFrame } from '../../loads/kafka/produce.ts'
import { Reader } from '../../loads/kafka/reader.ts'
import { type Settings, settingsOf } from '../../loads/kafka/settings.ts'
import { makeTopic } from '../../loads/kafka/topics.ts'
import { Wire as KafkaWire } from '../../loads/kafka/wire.ts'
import { Ahead, LOOK_EVERY_MS } from '../../loads/resp/ahead.ts'
import { Wire as RespWire } from '../../loads/resp/wire.ts'

export const BODY_BYTES = 1024
const HOST = '127.0.0.1'
const ASK_EVERY_MS = 5
const WINDOW = 4000
const PATIENCE_MS = 10_000
/** With a margin: what `appendfsync everysec` promises, it promises after a second. */
const EVERY_SECOND_MS = 1500

/** What is asked of a broker whatever its protocol. */
export type Client = {
  /** What it has many of. */
  readonly things: string
  /** Opens a connection that was served once, and is silent from then on. */
  connect(port: number): Promise<{ close(): void }>
  create(port: number, count: number): Promise<void>
  /** Writes so many messages of 1 KiB, and returns when all are as safe as was promised. */
  fill(port: number, messages: number): Promise<void>
  /** Returns when the oldest message is here. */
  takeFirst(port: number): Promise<void>
}

const filled: Pick<Settings, 'topic' | 'partitions' | 'recordBytes'> = {
  topic: 'filled',
  partitions: 12,
  recordBytes: BODY_BYTES,
}

export const kafkaClient: Client = {
  things: 'topics',
  connect: async port => {
    const wire = await KafkaWire.open(HOST, port)
    await wire.ask(metadata, 9, { topics: [] })
    return wire
  },
  create: async (port, count) => {
    const wire = await KafkaWire.open(HOST, port)
    const topics = Array.from({ length: count }, (_, index) => {
      const name = `topic-${index}`
      return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
    })
    const request = { topics, timeoutMs: 60_000, validateOnly: false }
    const answer = await wire.ask(createTopics, 4, request)
    const refused = answer.topics.find(({ errorCode }) => errorCode !== 0)
    if (refused !== undefined) throw new Error(`${refused.name}: error ${refused.errorCode}`)
    wire.close()
  },
  fill: async (port, messages) => {
    const settings = settingsOf({ ...filled, port })
    const wire = await KafkaWire.open(HOST, port)
    await makeTopic(wire, settings)
    const frames = makeFrames(settings)
    await untilTaken(port, frames)
    let [sent, taken] = [0, 0]
    await new Promise<void>((resolve, reject) => {
      wire.failed = reject
      const pump = (): void => {
        while (wire.inFlight < settings.inFlight && sent < messages) {
          const frame = frames[sent % frames.length]!
          sent += frame.records
          sendFrame(wire, frame, () => {
            taken += frame.records
            if (taken >= messages) resolve()
            else pump()
          })
        }
      }
      pump()
    })
    wire.close()
  },
  takeFirst: async port => {
    const reader = await Reader.open(settingsOf({ ...filled, port }), [0], () => {})
    while ((await reader.fetch()) === 0) await sleep(ASK_EVERY_MS)
    reader.close()
  },
}

/** A leader may be told of before it knows of it: then it refuses what is its own. */
async function untilTaken(port: number, frames: readonly Frame[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const wire = await KafkaWire.open(HOST, port)
    try {
      await new Promise<void>((resolve, reject) => {
        let missing = frames.length
        wire.failed = reject
        for (const frame of frames) sendFrame(wire, frame, () => --missing === 0 && resolve())
      })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(ASK_EVERY_MS)
    } finally {
      wire.close()
    }
  }
}

const amqpSettings = (port: number): typeof settingsDefault => {
  return { ...settingsDefault, port, bodyBytes: BODY_BYTES, window: WINDOW }
}

export const amqp091Client: Client = {
  things: 'queues',
  connect: port => AmqpWire.open(HOST, port),
  create: async (port, count) => {
    const wire = await AmqpWire.open(HOST, port)
    for (let index = 0; index < count; index++) await wire.declare(`queue-${index}`)
    wire.close()
  },
  fill: async (port, messages) => {
    const settings = amqpSettings(port)
    const [target] = targetsOf(settings)
    const wire = await AmqpWire.open(HOST, port)
    await wire.declare(target!.routingKey)
    const publisher = await Publisher.open(settings, [target!])
    publisher.sentMax = messages
    publisher.pump()
    while (publisher.confirmed < publisher.sent || publisher.sent === 0) await sleep(ASK_EVERY_MS)
    publisher.close()
    wire.close()
  },
  takeFirst: async port => {
    const settings = { ...amqpSettings(port), prefetch: 1 }
    const [target] = targetsOf(settings)
    const consumer = await amqp091.Consumer.open(settings, [target!.routingKey])
    while (consumer.received === 0) await sleep(1)
    consumer.close()
  },
}

export const respClient: Client = {
  things: 'lists',
  connect: async port => {
    const wire = await RespWire.open(port)
    await wire.ask('PING')
    return wire
  },
  create: async (port, count) => {
    const wire = await RespWire.open(port)
    for (let index = 0; index < count; index++) await wire.ask('LPUSH', `list-${index}`, 'x')
    wire.close()
  },
  fill: async (port, messages) => {
    const wire = await RespWire.open(port)
    const push = encode(['LPUSH', 'filled', 'x'.repeat(BODY_BYTES)])
    const ahead = new Ahead(wire, push, WINDOW)
    while (wire.heardLines < messages) {
      ahead.send(wire.heardLines, messages)
      await sleep(LOOK_EVERY_MS)
    }
    await sleep(EVERY_SECOND_MS)
    wire.close()
  },
  takeFirst: async port => {
    const wire = await RespWire.open(port)
    const { kind } = await wire.ask('RPOP', 'filled')
    if (kind !== 'bulk') throw new Error(`RPOP answers ${kind}`)
    wire.close()
  },
}
