import { expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import {
  accept,
  type Consumer,
  type Delivery,
  type Queue,
  queueSettingsDefault,
  reject,
} from '../../src/broker/queue/index.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { openFileStore } from '../../src/log/index.ts'
import { Publication } from '../../src/message/publication.ts'
import { type Random, seededRandom } from '../../src/platform/index.ts'
import { amqp091Mapping } from '../../src/protocols/amqp091/mapping.ts'
import { SimulatedDisk } from './disk.ts'
import { flush, STEPS_MAX, SimulatedTime, simulatedPlatform } from './world.ts'

/** Small bodies lie in each queue, large ones once for all. */
const BODY_BYTES_MAX = 3000

/**
 * Messages go to three queues at once. The first one's are rejected, accepted, or stay; rejected
 * ones go to `dead`. Processes end in the middle of it.
 */
class Life {
  readonly #seed: number
  readonly #random: Random
  readonly #time = new SimulatedTime()
  readonly #disk: SimulatedDisk
  #broker!: Broker
  #number = 0
  /** Messages whose publisher was told that they are safe. */
  #confirmed = new Set<number>()
  /** Accepted by the first queue's consumer, perhaps not on the disk yet. */
  #accepted = new Set<number>()

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed)
    this.#disk = new SimulatedDisk(this.#time, seededRandom(seed + 1_000_000))
  }

  async run(): Promise<void> {
    for (let process = 0; process < 3; process++) {
      await this.#start(process)
      const consumer = this.#consume(this.#queue('first'))
      for (let turn = 0; turn < 12; turn++) {
        this.#publish()
        await this.#time.pass(this.#below(25))
      }
      // What was handed out must not be settled by a process that is gone.
      consumer.isStopped = true
      if (this.#below(2) === 0) this.#disk.cutPower()
      else this.#disk.kill()
      this.#time.forgetAll()
      await flush()
    }
    await this.#start(9)
    await this.#check()
  }

  async #start(process: number): Promise<void> {
    const platform = simulatedPlatform(this.#time, this.#disk, this.#seed * 100 + process)
    const { clock, timers, random } = platform
    const settings = brokerSettingsDefault
    const runtime = new Runtime({ settings, clock, timers, random, logger: silentLogger })
    const options = { platform, folder: '/data', logger: silentLogger, chainFileBytes: 64 * 1024 }
    const openStore = (machines: Parameters<typeof openFileStore>[0]['machines']) =>
      openFileStore({ ...options, machines, segmentPeriodMs: 40, flushIntervalMs: 20 })
    this.#broker = await this.#time.finish(Broker.open(runtime, openStore))
    this.#broker.mappings.register(amqp091Mapping)
    for (const name of ['first', 'second', 'third', 'dead']) this.#queue(name)
    for (const name of ['first', 'second', 'third']) {
      const ends = { namespace: '/', source: 'amq.fanout', destination: name } as const
      const rest = { destinationKind: 'queue', routingKey: '', declared: {} } as const
      this.#broker.exchanges.bind({ ...ends, ...rest })
    }
  }

  #queue(name: string): Queue {
    const flags = { isDurable: true, isAutoDelete: false, owner: null, user: 'guest' }
    const rest = { declared: {}, type: 'classic', source: null } as const
    const letters = name === 'first' ? { deadLetterExchange: '', deadLetterRoutingKey: 'dead' } : {}
    const settings = { ...queueSettingsDefault, ...letters }
    return this.#broker.queues.declare({ namespace: '/', name, ...flags, ...rest }, settings)
  }

  #publish(): void {
    const { publisher } = this.#broker
    if (this.#broker.runtime.store.refusal !== null) return
    const published: number[] = []
    for (let count = 1 + this.#below(4); count > 0; count--) {
      const number = this.#number++
      const publication = new Publication()
      publication.addressTo('amq.fanout', '')
      publication.properties = Buffer.from([0, 0])
      publication.propertiesEnd = 2
      publication.body = Buffer.from(`${number} ${'x'.repeat(this.#below(BODY_BYTES_MAX))}`)
      publication.bodyEnd = publication.body.length
      publication.isPersistent = true
      publisher.publish(publisher.route('/', 'amq.fanout', ''), publication)
      published.push(number)
    }
    publisher.whenSafe(refusal => {
      if (refusal === null) for (const number of published) this.#confirmed.add(number)
    })
  }

  #consume(queue: Queue): { isStopped: boolean } {
    const state = { isStopped: false }
    const consumer: Consumer = {
      name: 'consumer',
      sessionId: 1,
      isReady: true,
      deliver: ({ lane, offset, message }: Delivery) => {
        if (state.isStopped) return
        const dice = this.#below(4)
        const number = Number.parseInt(message.body.toString('utf8', message.bodyStart), 10)
        if (dice === 0) return
        if (dice === 1) this.#accepted.add(number)
        queue.settle(lane, offset, dice === 1 ? accept : reject)
      },
      cancelled() {},
    }
    queue.attach(consumer, { isAutoAccepted: false, isExclusive: false, priority: 0 })
    return state
  }

  async #check(): Promise<void> {
    const [first, second, third, dead] = [
      await this.#contents('first'),
      await this.#contents('second'),
      await this.#contents('third'),
      await this.#contents('dead'),
    ]
    expect(third, 'a publish to several queues is whole').toEqual(second)
    for (const number of this.#confirmed)
      expect(second, 'what was confirmed is there').toContain(number)
    expect([...new Set(second)], 'nothing is doubled').toEqual(second)
    const doubled = first.filter(number => dead.includes(number))
    expect(doubled, 'a dead letter left its queue in the same step').toEqual([])
    expect([...new Set(dead)], 'nothing dies twice').toHaveLength(dead.length)
    const lost = second.filter(
      number => !first.includes(number) && !dead.includes(number) && !this.#accepted.has(number),
    )
    expect(lost, 'what left its queue is a dead letter, or was accepted').toEqual([])
  }

  /** The numbers of all messages in a queue, in order. */
  async #contents(name: string): Promise<number[]> {
    const queue = this.#queue(name)
    const numbers: number[] = []
    const consumer: Consumer = {
      name,
      sessionId: 1,
      isReady: true,
      deliver: ({ message }: Delivery) => {
        const { body, bodyStart, bodyEnd } = message
        numbers.push(Number.parseInt(body.toString('utf8', bodyStart, bodyEnd), 10))
      },
      cancelled() {},
    }
    const count = queue.readyCount
    queue.attach(consumer, { isAutoAccepted: false, isExclusive: false, priority: 0 })
    for (let step = 0; numbers.length < count && step < STEPS_MAX; step++) await this.#time.pass(1)
    expect(numbers, `all of ${name} can be read`).toHaveLength(count)
    return numbers
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }
}

const only = process.env['SEED']
const count = Number(process.env['SEEDS'] ?? 60)
const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)]

test(`simulation: publishes and dead letters are whole (${seeds.length} seeds)`, {
  timeout: 60_000 + count * 1000,
}, async () => {
  for (const seed of seeds) {
    try {
      await new Life(seed).run()
    } catch (thrown) {
      const replay = `SEED=${seed} npx vitest run test/simulation/routing.test.ts`
      throw new Error(`seed ${seed} failed; replay it with: ${replay}`, { cause: thrown })
    }
  }
})
