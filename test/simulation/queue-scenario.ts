import type { Broker } from '../../src/broker/broker.ts'
import {
  accept,
  type Consumer,
  type Delivery,
  type Queue,
  queueSettingsDefault,
  reject,
  requeue,
} from '../../src/broker/queue/index.ts'
import type { Offset } from '../../src/lib/brand.ts'
import type { Session } from '../../src/broker/session/index.ts'
import { Publication } from '../../src/message/publication.ts'
import { type Disk, type Platform, type Random, seededRandom } from '../../src/platform/index.ts'
import { amqp091Mapping } from '../../src/protocols/amqp091/mapping.ts'
import { type Copy, type Deed, Ledger, NOWHERE } from '../crash/amqp091/ledger.ts'
import { openBroker } from './broker.ts'
import { SimulatedDisk } from './disk.ts'
import { flush, SimulatedTime, simulatedPlatform, untilWelcome } from './world.ts'

const BODY_BYTES_MAX = 3000
/** Deliveries one consumer has at a time. */
const CREDIT = 12

const fanned = ['fan-1', 'fan-2', 'fan-3']
const names = ['plain', 'priority', 'work', 'dead', ...fanned]

/** Where a message is published, and where it has to be then. */
const addresses: readonly { exchange: string; routingKey: string; queues: readonly string[] }[] = [
  { exchange: '', routingKey: 'plain', queues: ['plain'] },
  { exchange: '', routingKey: 'priority', queues: ['priority'] },
  { exchange: '', routingKey: 'work', queues: ['work'] },
  { exchange: 'amq.fanout', routingKey: '', queues: fanned },
]

export type QueueScenarioOptions = {
  readonly seed: number
  readonly hasFaults?: boolean
  /** Lies to the store, or to the broker: how bugs are planted. */
  readonly wrapDisk?: (disk: Disk) => Disk
  readonly plant?: (broker: Broker, platform: Platform) => void
}

type Held = { readonly lane: number; readonly offset: Offset; readonly copy: Copy }

/** Takes what one queue gives, and keeps it until it is settled. */
class Holder implements Consumer {
  readonly name: string
  readonly sessionId = 1
  readonly held: Held[] = []
  readonly queue: Queue
  isGone = false
  readonly #ledger: Ledger

  constructor(queue: Queue, ledger: Ledger) {
    this.queue = queue
    this.name = queue.spec.name
    this.#ledger = ledger
    queue.attach(this, { isAutoAccepted: false, isExclusive: false, priority: 0 })
  }

  get isReady(): boolean {
    return this.held.length < CREDIT
  }

  deliver({ lane, offset, count, message }: Delivery): void {
    if (this.isGone) return
    const { body, bodyStart, bodyEnd } = message
    const id = body.toString('utf8', bodyStart, bodyEnd).split(' ')[0]!
    const copy = this.#ledger.delivered(id, this.name, count > 0, this)
    if (copy !== undefined) this.held.push({ lane, offset, copy })
  }

  cancelled(): void {}
}

/** One broker's lives on a disk that fails, and all that its clients were told and saw. */
export class QueueScenario {
  readonly ledger = new Ledger()
  /** How often the store refused writes. */
  refusals = 0
  /** How often it took them again, in the same life. */
  recoveries = 0
  readonly #options: QueueScenarioOptions
  readonly #random: Random
  readonly #time = new SimulatedTime()
  readonly #disk: SimulatedDisk
  #broker!: Broker
  #holders: Holder[] = []
  #number = 0

  constructor(options: QueueScenarioOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#disk = new SimulatedDisk(this.#time, seededRandom(options.seed + 1_000_000))
  }

  /** Returns the first contradiction, or null. */
  async run(): Promise<string | null> {
    const lives = 3 + this.#below(2)
    for (let life = 0; life < lives; life++) {
      await this.#start(life)
      for (let turn = 6 + this.#below(14); turn > 0; turn--) {
        if (this.#options.hasFaults === true) this.#changeFaults()
        for (let acts = 1 + this.#below(4); acts > 0; acts--) this.#act()
        await this.#time.pass(this.#below(20))
        if (this.#isRefusing && this.#below(3) === 0) await this.#recover()
      }
      await this.#end()
    }
    await this.#start(lives)
    await this.#drain()
    this.ledger.drained()
    return this.ledger.complaints[0] ?? null
  }

  async #start(life: number): Promise<void> {
    this.#heal()
    const { seed, wrapDisk, plant } = this.#options
    const simulated = simulatedPlatform(this.#time, this.#disk, seed * 100 + life)
    const platform = { ...simulated, disk: wrapDisk?.(this.#disk) ?? this.#disk }
    this.#broker = await this.#time.finish(openBroker(platform))
    plant?.(this.#broker, platform)
    this.#broker.runtime.store.onRefusal(refusal => {
      if (refusal !== null && refusal.reason !== 'closing') this.refusals++
    })
    this.#broker.mappings.register(amqp091Mapping)
    this.#broker.sessions.add(this.#session())
    this.#holders = names.map(name => new Holder(this.#declare(name), this.ledger))
  }

  /** A client that, told to go on, does at once what it was held back from. */
  #session(): Session {
    const { sessions, access } = this.#broker
    return {
      id: sessions.nextId(),
      protocol: 'test',
      user: access.user('guest')!,
      namespace: '/',
      describe: () => ({}),
      channels: () => [],
      close: () => {},
      blocked: reason => {
        if (reason === null) for (let acts = this.#below(4); acts > 0; acts--) this.#act()
      },
    }
  }

  #declare(name: string): Queue {
    const { queues, exchanges } = this.#broker
    const settings = {
      ...queueSettingsDefault,
      ...(name === 'work' ? { deadLetterExchange: '', deadLetterRoutingKey: 'dead' } : {}),
      ...(name === 'priority' ? { priorityMax: 3 } : {}),
    }
    const flags = { isDurable: true, isAutoDelete: false, owner: null, user: 'guest' }
    const rest = { declared: {}, type: 'classic', source: null } as const
    const queue = queues.declare({ namespace: '/', name, ...flags, ...rest }, settings)
    if (fanned.includes(name)) {
      const ends = { namespace: '/', source: 'amq.fanout', destination: name } as const
      exchanges.bind({ ...ends, destinationKind: 'queue', routingKey: '', declared: {} })
    }
    return queue
  }

  /** One thing a client does, all of it in one synchronous run. */
  #act(): void {
    if (this.#isRefusing) return this.#settleMeanwhile()
    const dice = this.#below(10)
    const deed = this.ledger.deed(`deed ${this.#number}`)
    if (dice < 4) this.#publish(deed)
    else if (dice < 8) this.#settle()
    else {
      this.#broker.publisher.atomically(() => {
        for (let count = 1 + this.#below(3); count > 0; count--) this.#publish(deed)
        for (let count = this.#below(4); count > 0; count--) this.#accept(deed)
      })
    }
    if (deed.copies.length > 0) this.#whenSafe(() => this.ledger.confirm(deed))
  }

  #publish(deed: Deed): void {
    const { publisher } = this.#broker
    const { exchange, routingKey, queues } = addresses[this.#below(addresses.length)]!
    const id = `m:${this.#number++}`
    const publication = new Publication()
    publication.addressTo(exchange, routingKey)
    publication.properties = Buffer.from([0, 0])
    publication.propertiesEnd = 2
    publication.priority = this.#below(4)
    publication.body = Buffer.from(`${id} ${'x'.repeat(this.#below(BODY_BYTES_MAX))}`)
    publication.bodyEnd = publication.body.length
    publication.isPersistent = true
    this.ledger.published(id, queues, deed)
    publisher.publish(publisher.route('/', exchange, routingKey), publication)
  }

  /** Some of what one consumer has; later, once a message behind it is safe, that is, too. */
  #settle(): void {
    const holder = this.#holders[this.#below(this.#holders.length)]!
    const accepted: Deed[] = []
    const known = holder.held.map(({ copy }) => copy)
    for (let count = this.#below(5); count > 0 && holder.held.length > 0; count--) {
      const dice = this.#below(10)
      if (dice < 2) this.#giveBack(holder)
      else if (dice < 6 && holder.name === 'work') this.#reject(holder)
      else {
        const deed = this.ledger.deed('acceptance')
        this.#accept(deed, holder)
        accepted.push(deed)
      }
    }
    const mark = this.ledger.deed('mark')
    this.#publish(mark)
    this.#whenSafe(() => {
      this.ledger.confirm(mark)
      for (const deed of accepted) this.ledger.confirm(deed)
      for (const copy of known) this.ledger.deliveryKnown(copy, holder.name)
    })
  }

  /** Consumers go on while nothing is taken that is published. */
  #settleMeanwhile(): void {
    const holder = this.#holders[this.#below(this.#holders.length)]!
    if (holder.held.length === 0) return
    const dice = this.#below(10)
    if (dice < 3) this.#giveBack(holder)
    else if (dice < 7 && holder.name === 'work') this.#reject(holder)
    else this.#accept(this.ledger.deed('acceptance'), holder)
  }

  #accept(deed: Deed, asked?: Holder): void {
    const holder = asked ?? this.#holders[this.#below(this.#holders.length)]!
    const taken = this.#takeFrom(holder)
    if (taken === undefined) return
    this.ledger.moved(taken.copy, NOWHERE, deed)
    holder.queue.settle(taken.lane, taken.offset, accept)
    holder.queue.wake(holder)
  }

  /** A dead letter may be read from the disk first, so when it is safe nobody is told. */
  #reject(holder: Holder): void {
    const { copy, lane, offset } = this.#takeFrom(holder)!
    this.ledger.moved(copy, 'dead', this.ledger.deed('rejection'))
    holder.queue.settle(lane, offset, reject)
    holder.queue.wake(holder)
  }

  #giveBack(holder: Holder): void {
    const { copy, lane, offset } = this.#takeFrom(holder)!
    this.ledger.returned(copy)
    holder.queue.settle(lane, offset, requeue)
    holder.queue.wake(holder)
  }

  #takeFrom({ held }: Holder): Held | undefined {
    return held.splice(this.#below(held.length), 1)[0]
  }

  #whenSafe(done: () => void): void {
    const { life } = this.ledger
    this.#broker.publisher.whenSafe(refusal => {
      if (refusal === null && this.ledger.life === life) done()
    })
  }

  /** The process ends: killed, by a power cut, or in good order. */
  async #end(): Promise<void> {
    this.#heal()
    for (const holder of this.#holders) holder.isGone = true
    const dice = this.#below(5)
    if (dice === 0) await this.#time.finish(this.#broker.close())
    this.ledger.crashed()
    if (dice < 4) this.#disk.cutPower()
    else this.#disk.kill()
    this.#time.forgetAll()
    await flush()
  }

  /** Everything is accepted until there is no more. */
  async #drain(): Promise<void> {
    for (let idle = 0; idle < 40; idle++) {
      for (const holder of this.#holders)
        while (holder.held.length > 0) {
          idle = 0
          this.#accept(this.ledger.deed('drain'), holder)
        }
      await this.#time.pass(20)
    }
    const left = this.#holders.filter(({ queue }) => queue.readyCount > 0).map(({ name }) => name)
    if (left.length > 0) this.ledger.complaints.push(`cannot be read: ${left.join(', ')}`)
  }

  #changeFaults(): void {
    const { faults } = this.#disk
    const dice = this.#below(20)
    if (dice === 0) faults.writeFails = 0.3
    if (dice === 1) faults.syncFails = 0.3
    if (dice === 2) faults.roomBytes = this.#disk.usedBytes() + this.#below(100) * 1024
    if (dice > 13) this.#heal()
  }

  async #recover(): Promise<void> {
    this.#heal()
    await untilWelcome(this.#time, this.#broker.runtime.store)
    this.recoveries++
  }

  get #isRefusing(): boolean {
    return this.#broker.runtime.store.refusal !== null
  }

  #heal(): void {
    Object.assign(this.#disk.faults, { writeFails: 0, syncFails: 0, roomBytes: null })
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }
}
