import type { Broker } from '../../src/broker/broker.ts'
import { Millis } from '../../src/lib/brand.ts'
import { type Disk, type Platform, type Random, seededRandom } from '../../src/platform/index.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'
import type { Connection, Protocol } from '../../src/protocols/protocol.ts'
import { resp, type RespOptions, respOptionsDefault } from '../../src/protocols/resp/index.ts'
import { Clerk, type Conversation } from '../crash/resp/clerk.ts'
import { looped } from '../resp/loopback.ts'
import { type Reply, ReplyReader } from '../resp/reply.ts'
import { encode } from '../resp/socket.ts'
import { openBroker } from './broker.ts'
import { SimulatedDisk } from './disk.ts'
import { flush, SimulatedTime, simulatedPlatform } from './world.ts'

const CLERKS = 3
/** Of all clerks in one life of the broker. */
const BATCHES_MAX = 100

/** A connection to a broker that is called; its end is the end of the process. */
class Called implements Conversation {
  isClosed = false
  readonly #connection: Connection
  readonly #reader = new ReplyReader()
  readonly #inbox: Reply[] = []
  #wake: () => void = () => {}

  constructor(protocol: Protocol, now: () => Millis) {
    const ends = { written: (bytes: Buffer) => this.#written(bytes), ended: () => this.lose() }
    this.#connection = looped(protocol, ends, { now }).connection
  }

  send(words: readonly (string | Buffer)[]): void {
    if (!this.isClosed) receiveLent(this.#connection, encode(words))
  }

  async next(): Promise<Reply | undefined> {
    while (this.#inbox.length === 0 && !this.isClosed)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    return this.#inbox.shift()
  }

  async ask(...words: readonly (string | Buffer)[]): Promise<Reply> {
    this.send(words)
    const reply = await this.next()
    if (reply === undefined) throw new Error(`no reply to ${words.join(' ')}`)
    return reply
  }

  close(): Promise<void> {
    if (!this.isClosed) this.#connection.closed()
    this.lose()
    return Promise.resolve()
  }

  /** Nothing comes any more. */
  lose(): void {
    this.isClosed = true
    this.#wake()
  }

  #written(bytes: Buffer): void {
    if (this.isClosed) return
    this.#reader.push(Buffer.from(bytes))
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next())
      this.#inbox.push(reply)
    this.#wake()
  }
}

export type KeysScenarioOptions = {
  readonly seed: number
  /** Only the process ends, and the system keeps what it has. */
  readonly isPowerSafe?: boolean
  /** Lies to the store, or to the broker: how bugs are planted. */
  readonly wrapDisk?: (disk: Disk) => Disk
  readonly plant?: (broker: Broker, platform: Platform) => void
  readonly resp?: Partial<RespOptions>
}

/**
 * One broker's lives on a disk that loses what is not synced, and clients with `appendfsync always`
 * that know all their keys: values, lists, hashes, sorted sets, streams and what groups have.
 */
export class KeysScenario {
  readonly #options: KeysScenarioOptions
  readonly #random: Random
  readonly #time = new SimulatedTime()
  readonly #disk: SimulatedDisk
  readonly #clerks: readonly Clerk[]
  readonly #calls = new Set<Called>()
  #broker!: Broker
  #protocol!: Protocol

  constructor(options: KeysScenarioOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#disk = new SimulatedDisk(this.#time, seededRandom(options.seed + 1_000_000))
    this.#clerks = Array.from({ length: CLERKS }, (_, index) => {
      const random = seededRandom(options.seed * 10 + index)
      return new Clerk(`clerk-${index}`, () => random.next(), this.#open)
    })
  }

  /** How many commands and transactions were answered. */
  get acknowledged(): number {
    return this.#clerks.reduce((sum, clerk) => sum + clerk.acknowledged, 0)
  }

  /** Throws what a clerk finds to be wrong. */
  async run(): Promise<void> {
    const lives = 3 + this.#below(3)
    for (let life = 0; life < lives; life++) {
      await this.#start(life)
      if (life === 0) for (const clerk of this.#clerks) await this.#time.finish(clerk.setUp(''))
      let isOver = false
      let asked = 0
      // Who gets every answer at once would go on for ever.
      const enough = (): boolean => isOver || ++asked > BATCHES_MAX
      const worked = Promise.all(this.#clerks.map(clerk => clerk.work('', enough)))
      worked.catch(() => {}) // Looked at below.
      for (let round = 1 + this.#below(12); round > 0; round--)
        await this.#time.pass(this.#below(30))
      isOver = this.#below(6) === 0
      if (isOver) await this.#time.finish(worked.then(() => this.#broker.close()))
      await this.#end()
      await worked
    }
    await this.#start(lives)
  }

  /** And looks at what is there. */
  async #start(life: number): Promise<void> {
    const { seed, wrapDisk, plant } = this.#options
    const simulated = simulatedPlatform(this.#time, this.#disk, seed * 100 + life)
    const platform = { ...simulated, disk: wrapDisk?.(this.#disk) ?? this.#disk }
    this.#broker = await this.#time.finish(openBroker(platform, { checkpointBytesMax: 1024 }))
    plant?.(this.#broker, platform)
    const options: RespOptions = { ...respOptionsDefault, appendFsync: 'always' }
    this.#protocol = resp(this.#broker, { ...options, ...this.#options.resp })
    for (const clerk of this.#clerks) await this.#time.finish(clerk.verify(''))
  }

  /** The process ends, most often by a power cut. */
  async #end(): Promise<void> {
    for (const call of this.#calls) call.lose()
    this.#calls.clear()
    const isPowerCut = this.#below(6) > 0 && this.#options.isPowerSafe !== true
    if (isPowerCut) this.#disk.cutPower()
    else this.#disk.kill()
    this.#time.forgetAll()
    await flush()
  }

  readonly #open = (): Promise<Conversation> => {
    const call = new Called(this.#protocol, () => this.#broker.runtime.clock.now())
    this.#calls.add(call)
    return Promise.resolve(call)
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }
}
