import { expect } from 'vitest'
import { Offset } from '../../src/lib/brand.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { type FileStoreOptions, openFileStore } from '../../src/log/index.ts'
import type { LogId, Store } from '../../src/log/store.ts'
import { type Disk, type Random, seededRandom } from '../../src/platform/index.ts'
import { batchOf, Diary, policy } from '../contract/batches.ts'
import { SimulatedDisk } from './disk.ts'
import { checkRead, Model, type Operation, type Turn } from './model.ts'
import { WatchedPace } from './small-pace.ts'
import { flush, SimulatedTime, simulatedPlatform, untilWelcome } from './world.ts'

const KiB = 1024

export type ScenarioOptions = {
  readonly seed: number
  /** Lies to the store: how bugs are planted. */
  readonly wrapDisk?: (disk: Disk) => Disk
  readonly store?: Partial<FileStoreOptions>
  readonly hasFaults?: boolean
}

/** One simulated broker's life: several processes on one disk, each ended in some way. */
export class Scenario {
  readonly disk: SimulatedDisk
  /** How often the store took writes again after it had refused them. */
  recoveries = 0
  /** How often rewriting gave way to producers, and went on with what it had put off. */
  readonly folding = { putOff: 0, caughtUp: 0 }
  readonly #options: ScenarioOptions
  readonly #random: Random
  readonly #time = new SimulatedTime()
  readonly #model = new Model()
  #store!: Store
  #diary = new Diary()
  #isPowerLost = false
  #batches = 0

  constructor(options: ScenarioOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.disk = new SimulatedDisk(this.#time, seededRandom(options.seed + 1_000_000))
    // What is only written is promised while the disk works: its failure voids the promise.
    this.disk.onLost = () => {
      this.#model.writtenTurns = Math.min(this.#model.writtenTurns, this.#model.syncedTurns)
    }
  }

  /** Returns everything the disk was asked to do, to be compared or read. */
  async run(): Promise<readonly string[]> {
    const lives = 2 + this.#below(3)
    for (let life = 0; life < lives; life++) {
      await this.#begin(life)
      const turns = 5 + this.#below(20)
      for (let turn = 0; turn < turns; turn++) {
        if (this.#options.hasFaults !== false) this.#changeFaults()
        this.#turn()
        await this.#time.pass(this.#below(40))
        if (this.#chance(0.3)) await this.#read()
        if (this.#store.refusal !== null && this.#chance(0.2)) await this.#recover()
      }
      await this.#endLife()
    }
    this.#heal()
    await this.#begin(lives)
    await this.#readAll()
    return this.disk.trace
  }

  async #begin(life: number): Promise<void> {
    this.#heal()
    const disk = this.#options.wrapDisk?.(this.disk) ?? this.disk
    const seed = this.#options.seed * 100 + life
    this.#diary = new Diary()
    this.#store = await this.#time.finish(
      openFileStore({
        platform: { ...simulatedPlatform(this.#time, this.disk, seed), disk },
        folder: '/data',
        machines: [this.#diary],
        logger: silentLogger,
        chainFileBytes: 64 * KiB,
        checkpointBytesMax: 2 * KiB,
        tailBytesMax: this.#chance(0.5) ? 8 * KiB : 256 * KiB,
        flushIntervalMs: 20,
        segmentPeriodMs: 40,
        sparesKeptMs: 20,
        foldPace: workshop => new WatchedPace(workshop, this.folding),
        ...this.#options.store,
      }),
    )
    const turnEnds = this.#diary.entries.filter(entry => entry.startsWith('turn '))
    const last = this.#diary.entries.at(-1)
    expect(last === undefined || last.startsWith('turn '), 'a turn is whole or not there').toBe(
      true,
    )
    expect(turnEnds).toEqual(turnEnds.map((_, index) => `turn ${index + 1}`))
    await this.#model.recovered(this.#store, turnEnds.length, this.#isPowerLost)
    await this.#readAll()
  }

  async #recover(): Promise<void> {
    this.#heal()
    await untilWelcome(this.#time, this.#store)
    this.recoveries++
  }

  #turn(): void {
    if (this.#store.refusal !== null) return
    const turn: Turn = { number: this.#model.turns.length + 1, operations: [] }
    const logs = [...this.#model.logs()].map(([id]) => id)
    for (let count = 1 + this.#below(4); count > 0; count--) this.#operate(turn, logs)
    this.#store.journal('diary', Buffer.from(`turn ${turn.number}`))
    this.#model.turns.push(turn)
    const { number } = turn
    if (this.#chance(0.7))
      this.#store.whenConfirmed('sync', refusal => {
        if (refusal === null) this.#model.syncedTurns = Math.max(this.#model.syncedTurns, number)
      })
    this.#store.whenConfirmed('async', refusal => {
      if (refusal === null) this.#model.writtenTurns = Math.max(this.#model.writtenTurns, number)
    })
  }

  #operate(turn: Turn, logs: LogId[]): void {
    const store = this.#store
    const dice = this.#random.next()
    if (logs.length === 0 || (dice < 0.1 && logs.length < 6)) {
      const durability = this.#chance(0.6) ? 'sync' : 'async'
      const log = store.createLog({ ...policy, durability, segmentBytes: 16 * KiB })
      logs.push(log.id)
      turn.operations.push({ kind: 'create', log: log.id, durability })
      return
    }
    const id = logs[this.#below(logs.length)]!
    const log = store.log(id)!
    let operation: Operation
    if (dice < 0.13) {
      store.deleteLog(id)
      logs.splice(logs.indexOf(id), 1)
      operation = { kind: 'delete', log: id }
    } else if (dice < 0.2 && log.confirmedEnd > log.startOffset) {
      const before = Offset(log.startOffset + this.#below(log.confirmedEnd - log.startOffset + 1))
      store.truncateBefore(id, before)
      if (before === log.startOffset && before === 0) return
      operation = { kind: 'truncate', log: id, before }
    } else {
      const texts: string[] = []
      for (let count = 1 + this.#below(3); count > 0; count--) texts.push(this.#text())
      expect(store.append(id, batchOf(texts))).toBe(Number(log.endOffset) - texts.length)
      operation = { kind: 'append', log: id, texts }
    }
    turn.operations.push(operation)
  }

  #text(): string {
    const sizeBytes = this.#chance(0.1) ? 6 * KiB : this.#below(600)
    return `${this.#options.seed}/${this.#batches++} ${'x'.repeat(sizeBytes)}`
  }

  async #read(): Promise<void> {
    const logs = [...this.#model.logs()]
    if (logs.length === 0) return
    const [id, expected] = logs[this.#below(logs.length)]!
    const log = this.#store.log(id)!
    if (log.confirmedEnd === log.startOffset) return
    const from = log.startOffset + this.#below(log.confirmedEnd - log.startOffset)
    const batches = await this.#time.finish(
      Promise.resolve(log.read(Offset(from), 1 + this.#below(9_000))),
    )
    checkRead(batches, from, expected, log.confirmedEnd)
  }

  async #readAll(): Promise<void> {
    for (const [id, expected] of this.#model.logs()) {
      const log = this.#store.log(id)!
      for (let at: number = log.startOffset; at < log.confirmedEnd; ) {
        const batches = await this.#time.finish(Promise.resolve(log.read(Offset(at), 4_000)))
        checkRead(batches, at, expected, log.confirmedEnd)
        at = batches.at(-1)!.readInt32BE(4) + batches.at(-1)!.readInt32BE(23) + 1
      }
    }
  }

  async #endLife(): Promise<void> {
    const dice = this.#random.next()
    this.#isPowerLost = dice < 0.6
    // Most ends come in the middle of something.
    for (let turns = this.#below(3); turns > 0 && dice < 0.8; turns--) {
      this.#turn()
      await this.#time.pass(this.#below(8))
    }
    if (dice < 0.6) this.disk.cutPower()
    else if (dice < 0.8) this.disk.kill()
    else {
      this.#heal()
      await this.#time.pass(200)
      await this.#time.finish(this.#store.close())
      this.disk.kill()
    }
    this.#time.forgetAll()
    // Callbacks of the process that is gone must not speak for the next one.
    await flush()
  }

  #changeFaults(): void {
    const { faults } = this.disk
    if (this.#chance(0.05)) faults.writeFails = 0.3
    if (this.#chance(0.05)) faults.syncFails = 0.3
    if (this.#chance(0.03)) faults.roomBytes = this.disk.usedBytes() + this.#below(100) * KiB
    if (this.#chance(0.3)) this.#heal()
  }

  #heal(): void {
    Object.assign(this.disk.faults, { writeFails: 0, syncFails: 0, roomBytes: null })
  }

  #chance(chance: number): boolean {
    return this.#random.next() < chance
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }
}
