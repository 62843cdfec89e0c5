import kafkajs, { type Admin, type Consumer } from 'kafkajs'
import { TOPIC } from './load.ts'

const GROUP = 'survivors'

/** A consumer group that reads and commits all the time, and must never fall back. */
export class Group {
  readonly #admin: Admin
  readonly #consumer: Consumer
  readonly #committed = new Map<number, number>()
  /** Where each partition was resumed although less had been committed, or more. */
  readonly complaints: string[] = []
  readonly #next = new Map<number, number>()
  commits = 0
  #commitsSeen = 0

  constructor(address: string) {
    const kafka = new kafkajs.Kafka({
      brokers: [address],
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: 1000,
      retry: { retries: 10_000, initialRetryTime: 20, maxRetryTime: 60 },
    })
    this.#admin = kafka.admin()
    this.#consumer = kafka.consumer({
      groupId: GROUP,
      sessionTimeout: 6000,
      heartbeatInterval: 500,
      maxWaitTimeInMs: 50,
    })
  }

  async start(): Promise<void> {
    await this.#admin.connect()
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: [TOPIC], fromBeginning: true })
    await this.#consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatchAutoResolve: true,
      eachBatch: async payload => {
        const { batch } = payload
        this.#check(batch.partition, Number(batch.messages[0]?.offset))
        const offset = Number(batch.lastOffset()) + 1
        const { topic, partition } = batch
        await this.#consumer.commitOffsets([{ topic, partition, offset: String(offset) }])
        this.#committed.set(partition, offset)
        this.#next.set(partition, offset)
        this.commits++
        await payload.heartbeat()
      },
    })
  }

  /** A batch starts where the last one ended, or, after a fall, at what was committed. */
  #check(partition: number, offset: number): void {
    const committed = this.#committed.get(partition) ?? 0
    if (offset < committed) {
      this.complaints.push(
        `partition ${partition}: read ${offset} after ${committed} was committed`,
      )
    }
    if (offset > (this.#next.get(partition) ?? 0)) {
      this.complaints.push(`partition ${partition}: skipped to ${offset}`)
    }
  }

  /** That it got on since the last time it was asked: a group that stands still proves nothing. */
  hasWorked(): boolean {
    const isNew = this.commits > this.#commitsSeen
    this.#commitsSeen = this.commits
    return isNew
  }

  /** What a commit was answered for must still be committed, or more. */
  async verify(): Promise<void> {
    const promised = new Map(this.#committed)
    const [found] = await this.#admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] })
    for (const { partition, offset } of found?.partitions ?? []) {
      const least = promised.get(partition) ?? -1
      if (Number(offset) < least) {
        this.complaints.push(`partition ${partition}: ${least} was committed, ${offset} is left`)
      }
    }
    const [complaint] = this.complaints
    if (complaint !== undefined) throw new Error(`group: ${complaint}`)
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect()
    await this.#admin.disconnect()
  }
}
