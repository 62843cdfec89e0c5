import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin, type Consumer, type EachBatchPayload } from 'kafkajs'
import type { Worker } from '../rounds.ts'
import { Commits } from './commits.ts'
import { TOPIC } from './load.ts'

const GROUP = 'survivors'
/** How often the group is asked for its offsets while the connection fails. */
const ASKED_MAX = 5
/** So short that a member that was cut off while it joined is soon given up, and they go on. */
export const SESSION_MS = 2000

/** A consumer group that reads and commits all the time, and must never fall back. */
export class Group implements Worker {
  readonly name = 'the group'
  readonly #admin: Admin
  readonly #consumer: Consumer
  readonly #commits: readonly Commits[]
  /** Where the client stands by itself, by partition; absent when it has to ask the broker. */
  readonly #positions = new Map<number, number>()
  /** Since when it has had to ask, in the counting of each partition's commits. */
  #asked: readonly number[]
  readonly #complaints: string[] = []
  /** How many commits were answered. */
  commits = 0
  /** How often it was told anew where to go on. */
  joins = 0
  #commitsSeen = 0
  #isStopping = false

  constructor(address: string, partitions: number) {
    this.#commits = Array.from({ length: partitions }, () => new Commits())
    this.#asked = this.#commits.map(({ asked }) => asked)
    const kafka = new kafkajs.Kafka({
      brokers: [address],
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: 1000,
      retry: { retries: 10_000, initialRetryTime: 20, maxRetryTime: 60 },
    })
    this.#admin = kafka.admin()
    this.#consumer = kafka.consumer({
      groupId: GROUP,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: 100,
      maxWaitTimeInMs: 50,
    })
    const { events } = this.#consumer
    this.#consumer.on(events.GROUP_JOIN, () => this.#joined())
    this.#consumer.on(events.CRASH, ({ payload }) => {
      if (!payload.restart) void this.#startAgain()
    })
  }

  async start(): Promise<void> {
    await this.#admin.connect()
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: [TOPIC], fromBeginning: true })
    await this.#run()
  }

  /** Some failures kafkajs does not get over, such as a kill while it looks for the coordinator. */
  async #startAgain(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#consumer.connect()
        await this.#run()
        return
      } catch {
        await sleep(50)
      }
    }
  }

  #run(): Promise<void> {
    return this.#consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: this.#commits.length,
      eachBatchAutoResolve: true,
      eachBatch: payload => this.#handle(payload),
    })
  }

  /** Everything it knew of before is asked for anew; no handler is at work. */
  #joined(): void {
    this.joins++
    this.#positions.clear()
    this.#asked = this.#commits.map(({ asked }) => asked)
  }

  /**
   * kafkajs goes on behind a batch only when its handler succeeds, and reads it again when not,
   * without asking the broker. So nothing may fail here once the commit was answered: heartbeats
   * it sends by itself, afterwards. And the commit is sent once, because `consumer.commitOffsets`
   * would repeat it, and calls it a success when it gives up.
   */
  async #handle({ batch, commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch
    const commits = this.#commits[partition]!
    this.#begin(partition, Number(batch.messages[0]?.offset))
    const end = Number(batch.lastOffset()) + 1
    const commit = commits.sent(end)
    const partitions = [{ partition, offset: String(end) }]
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions }] })
    commits.acknowledged(commit)
    this.#positions.set(partition, end)
    this.commits++
  }

  /** A batch begins where the last one ended, or, after a join, at what is committed. */
  #begin(partition: number, offset: number): void {
    const position = this.#positions.get(partition)
    if (position === undefined) {
      const complaint = this.#commits[partition]!.found(offset, this.#asked[partition])
      this.#complain(partition, 'starts', complaint)
    } else if (offset !== position)
      this.#complain(partition, 'goes on', `it was at ${position}, but it is ${offset}`)
    this.#positions.set(partition, offset)
  }

  hasWorked(): boolean {
    const isNew = this.commits > this.#commitsSeen
    this.#commitsSeen = this.commits
    return isNew
  }

  /** What is committed must be what a commit was answered for, or one that was sent after it. */
  async verify(): Promise<void> {
    const asked = this.#commits.map(commits => commits.asked)
    const offsets = await this.#committed()
    for (const [partition, commits] of this.#commits.entries()) {
      const offset = Math.max(0, offsets.get(partition) ?? 0)
      this.#complain(partition, 'is told', commits.found(offset, asked[partition]))
    }
    const [complaint] = this.#complaints
    if (complaint !== undefined) throw new Error(`group: ${complaint}`)
  }

  /**
   * kafkajs asks for it once, without its retries: so a connection whose end it sees only now is
   * its own affair. That the broker ends none is looked up in the broker's log.
   */
  async #committed(): Promise<ReadonlyMap<number, number>> {
    for (let attempt = 1; ; attempt++) {
      try {
        const [found] = await this.#admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] })
        return new Map(found?.partitions.map(one => [one.partition, Number(one.offset)]))
      } catch (error) {
        if (attempt === ASKED_MAX || !(error instanceof kafkajs.KafkaJSConnectionError)) throw error
        await sleep(50)
      }
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#consumer.disconnect()
    await this.#admin.disconnect()
  }

  #complain(partition: number, moment: string, complaint: string | null): void {
    if (complaint !== null) this.#complaints.push(`partition ${partition} ${moment}: ${complaint}`)
  }
}
