import { Producer as PlatformaticProducer } from '@platformatic/kafka'
import kafkajs from 'kafkajs'
import type { Worker } from '../rounds.ts'
import type { Ledger } from './ledger.ts'

export const TOPIC = 'crash'

/** A client that writes to one partition without pause, and remembers what it was told. */
export class Load implements Worker {
  readonly name: string
  readonly partition: number
  /** What ended it before it was stopped, or null. */
  complaint: unknown = null
  acknowledged = 0
  #acknowledgedSeen = 0
  #isStopping = false
  readonly #done: Promise<void>

  constructor(partition: number, write: (load: Load, turn: number) => Promise<void>) {
    this.name = `the client of partition ${partition}`
    this.partition = partition
    this.#done = this.#run(write)
  }

  hasWorked(): boolean {
    const isNew = this.acknowledged > this.#acknowledgedSeen
    this.#acknowledgedSeen = this.acknowledged
    return isNew
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#done
  }

  async #run(write: (load: Load, turn: number) => Promise<void>): Promise<void> {
    try {
      for (let turn = 0; !this.#isStopping; turn++) await write(this, turn)
    } catch (error) {
      this.complaint = error
    }
  }
}

/** How many records go out in one request: small and large batches take turns. */
const batchSizes = [1, 3, 40, 200]

/** The next values of a producer. Half of the batches carry a kilobyte of ballast per record. */
class Values {
  readonly #producer: string
  #next = 0

  constructor(producer: string) {
    this.#producer = producer
  }

  take(turn: number): string[] {
    const count = batchSizes[turn % batchSizes.length] ?? 1
    return Array.from({ length: count }, () => `${this.#producer}:${this.#next++}`)
  }
}

const ballast = 'x'.repeat(1000)

/** The value without its ballast. */
export const bare = (value: string): string => value.split('|', 1)[0] ?? ''

const dressed = (values: string[], turn: number): string[] =>
  turn % 2 === 0 ? values : values.map(value => `${value}|${ballast}`)

/**
 * kafkajs as people run it: idempotent, repeating each request until it is answered. Whatever it
 * sends must be there exactly once, in order.
 */
export async function stubborn(address: string, partition: number, ledger: Ledger): Promise<Load> {
  const kafka = new kafkajs.Kafka({
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 5000,
    retry: { retries: 10_000, initialRetryTime: 20, maxRetryTime: 60 },
  })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const values = new Values(`stubborn-${partition}`)
  return new Load(partition, async (load, turn) => {
    const sent = values.take(turn)
    const messages = dressed(sent, turn).map(value => ({ partition, value }))
    const [place] = await producer.send({ topic: TOPIC, acks: -1, messages })
    const first = Number(place?.baseOffset ?? -1)
    load.acknowledged += sent.length
    for (const [index, value] of sent.entries()) {
      ledger.acknowledged(value, first < 0 ? -1 : first + index)
    }
  })
}

/** kafkajs that never repeats a request: so a record that is there twice is our doing. */
export async function once(address: string, partition: number, ledger: Ledger): Promise<Load> {
  const kafka = new kafkajs.Kafka({
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 5000,
    retry: { retries: 0, initialRetryTime: 20, maxRetryTime: 60 },
  })
  const producer = kafka.producer({ idempotent: false })
  const values = new Values(`once-${partition}`)
  return new Load(partition, async (load, turn) => {
    const sent = values.take(turn)
    const messages = dressed(sent, turn).map(value => ({ partition, value }))
    try {
      await producer.connect()
      const [place] = await producer.send({ topic: TOPIC, acks: -1, messages })
      const first = Number(place?.baseOffset)
      load.acknowledged += sent.length
      for (const [index, value] of sent.entries()) ledger.acknowledged(value, first + index)
    } catch {
      // Refused or unanswered: whether the records are there is nobody's promise.
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  })
}

/** The other JavaScript client, with acks from all, a connection per attempt after a failure. */
export async function other(address: string, partition: number, ledger: Ledger): Promise<Load> {
  const open = (): PlatformaticProducer =>
    new PlatformaticProducer({ clientId: 'crash', bootstrapBrokers: [address], retries: 0 })
  let producer = open()
  const values = new Values(`other-${partition}`)
  return new Load(partition, async (load, turn) => {
    const sent = values.take(turn)
    const messages = dressed(sent, turn).map(value => ({
      topic: TOPIC,
      partition,
      value: Buffer.from(value),
    }))
    try {
      const { offsets = [] } = await producer.send({ acks: -1, messages })
      const first = Number(offsets[0]?.offset)
      load.acknowledged += sent.length
      for (const [index, value] of sent.entries()) ledger.acknowledged(value, first + index)
    } catch {
      await producer.close().catch(() => {})
      await new Promise(resolve => setTimeout(resolve, 20))
      producer = open()
    }
  })
}
