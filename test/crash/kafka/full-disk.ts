import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import type { Step } from '../full-disk.ts'
import { until } from '../until.ts'
import type { Victim } from '../victim.ts'
import { Ledger } from './ledger.ts'
import { type Load, once, stubborn, TOPIC } from './load.ts'
import { readAll } from './reader.ts'

const MiB = 1024 * 1024
const BALLAST = 'ballast'

/** Kafka's clients fill the disk under a broker that lies in `victim`'s folder: step by step. */
export class KafkaFullDisk {
  readonly steps: readonly Step[] = [
    ['clients write until the disk is full', () => this.#begin().then(() => this.#untilFull())],
    ['all that was acknowledged is read from a full disk', () => this.#compare()],
    ['killed and started on the full disk, it has lost nothing', () => this.#restart()],
    ['it goes on by itself once a file of somebody else is gone', () => this.#goOn()],
    ['full again, it goes on once a topic is deleted over the wire', () => this.#deleteSome()],
    ['no client gave up, and the log has lines, not a flood', () => this.#checkClients()],
  ]
  readonly #victim: Victim
  readonly #ledgers = [new Ledger('partition 0'), new Ledger('partition 1')]
  #loads: Load[] = []

  constructor(victim: Victim) {
    this.#victim = victim
  }

  async #begin(): Promise<void> {
    writeFileSync(this.#filler, Buffer.alloc(20 * MiB))
    this.#victim.spawn()
    await this.#victim.ready()
    const admin = this.#kafka().admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2 }, { topic: BALLAST }] })
    await admin.disconnect()
    const producer = this.#kafka().producer()
    await producer.connect()
    const messages = Array.from({ length: 400 }, () => ({ value: 'x'.repeat(1000) }))
    for (let count = 0; count < 50; count++) await producer.send({ topic: BALLAST, messages })
    await producer.disconnect()
    this.#loads = await Promise.all([
      stubborn(this.#victim.address, 0, this.#ledgers[0]!),
      once(this.#victim.address, 1, this.#ledgers[1]!),
    ])
  }

  async #restart(): Promise<void> {
    await this.#victim.kill()
    this.#victim.spawn()
    await this.#victim.ready()
    await this.#compare()
  }

  async #goOn(): Promise<void> {
    rmSync(this.#filler)
    await this.#untilGoingOn()
    await this.#compare()
  }

  async #deleteSome(): Promise<void> {
    await this.#untilFull()
    await this.#deleteBallast()
    await this.#untilGoingOn()
    await this.#compare()
  }

  async #checkClients(): Promise<void> {
    const complaint = this.#loads.find(load => load.complaint !== null)?.complaint
    if (complaint !== undefined) throw new Error('a client gave up', { cause: complaint })
    const lines = this.#countOf('\n')
    if (lines > 200) throw new Error(`the log has ${lines} lines`)
  }

  async #deleteBallast(): Promise<void> {
    const admin = this.#kafka().admin()
    await admin.connect()
    // Just after a write failed nothing is accepted, until what had been is safe elsewhere.
    let isDeleted = false
    for (let attempt = 0; !isDeleted; attempt++) {
      isDeleted = await admin.deleteTopics({ topics: [BALLAST] }).then(
        () => true,
        async (error: unknown) => {
          if (attempt > 20) throw error
          await sleep(250)
          return false
        },
      )
    }
    await admin.disconnect()
  }

  async #untilFull(): Promise<void> {
    const before = this.#countOf('writes are refused')
    await until('writes are refused', () => this.#countOf('writes are refused') > before)
  }

  async #untilGoingOn(): Promise<void> {
    const before = this.#acknowledged
    await until('something is acknowledged again', () => this.#acknowledged > before)
  }

  get #acknowledged(): number {
    return this.#loads.reduce((sum, load) => sum + load.acknowledged, 0)
  }

  get #filler(): string {
    return join(this.#victim.folder, 'filler')
  }

  #kafka(): kafkajs.Kafka {
    const logLevel = kafkajs.logLevel.NOTHING
    return new kafkajs.Kafka({ brokers: [this.#victim.address], logLevel })
  }

  #countOf(text: string): number {
    return this.#victim.log.split(text).length - 1
  }

  #compare(): Promise<void> {
    return readAll(this.#victim.address, this.#ledgers, () => 0)
  }
}
