import { expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { settingsOf } from '../../src/broker/policy/index.ts'
import { accept, type Consumer, type Delivery } from '../../src/broker/queue/index.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'
import { silentLogger as logger } from '../../src/lib/logger.ts'
import { openFileStore } from '../../src/log/index.ts'
import { Publication } from '../../src/message/publication.ts'
import { type Random, seededRandom } from '../../src/platform/index.ts'
import { SimulatedDisk } from '../simulation/disk.ts'
import { SimulatedTime, simulatedPlatform } from '../simulation/world.ts'

const namespace = '/'
const names = ['one', 'two', 'three']
const SEEDS = 12

/** Takes all it is given, and settles the first few. */
class Reader implements Consumer {
  readonly name: string
  readonly sessionId = 1
  readonly isReady = true
  readonly bodies: string[] = []
  settlesLeft: number

  constructor(name: string, settles: number) {
    this.name = name
    this.settlesLeft = settles
  }

  deliver({ queue, lane, offset, message }: Delivery): void {
    this.bodies.push(message.body.toString('utf8', message.bodyStart, message.bodyEnd))
    if (this.settlesLeft-- > 0) queue.settle(lane, offset, accept)
  }

  cancelled(): void {}
}

/** A broker on a disk whose power fails, and a small memory, so that much is read from the disk. */
class World {
  readonly random: Random
  readonly #time = new SimulatedTime()
  readonly #disk: SimulatedDisk
  readonly #seed: number
  broker!: Broker

  constructor(seed: number) {
    this.#seed = seed
    this.random = seededRandom(seed)
    this.#disk = new SimulatedDisk(this.#time, seededRandom(seed))
  }

  async open(): Promise<void> {
    const platform = simulatedPlatform(this.#time, this.#disk, this.#seed)
    const runtime = new Runtime({ ...platform, settings: brokerSettingsDefault, logger })
    const files = { folder: '/data', chainFileBytes: 1 << 18, tailBytesMax: 1 << 15 }
    const opened = Broker.open(runtime, machines =>
      openFileStore({ platform, logger, machines, ...files }),
    )
    this.broker = await this.#time.finish(opened)
  }

  furnish(): void {
    const { queues, exchanges } = this.broker
    const flags = { isDurable: true, isAutoDelete: false, owner: null, user: 'guest', declared: {} }
    for (const name of names) {
      const spec = { namespace, name, ...flags, type: 'classic' as const, source: null }
      queues.declare(spec, settingsOf('classic', {}, {}))
      exchanges.bind({
        namespace,
        source: 'amq.fanout',
        destination: name,
        destinationKind: 'queue',
        routingKey: '',
        declared: {},
      })
    }
  }

  publish(body: string): void {
    const { publisher } = this.broker
    const publication = new Publication()
    publication.addressTo('amq.fanout', '')
    publication.isPersistent = true
    publication.body = Buffer.from(body)
    publication.bodyEnd = publication.body.length
    publisher.publish(publisher.route(namespace, 'amq.fanout', ''), publication)
  }

  attach(reader: Reader): void {
    const queue = this.broker.queues.find(namespace, reader.name)!
    queue.attach(reader, { isAutoAccepted: false, isExclusive: false, priority: 0 })
  }

  safe(): Promise<void> {
    return this.#time.finish(
      new Promise(resolve => this.broker.publisher.whenSafe(() => resolve())),
    )
  }

  async pass(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#time.step(5000)
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  async cutPower(): Promise<void> {
    this.#disk.cutPower()
    this.#time.forgetAll()
    await this.open()
  }

  bodyBytes(): number {
    let bytes = 0
    for (const topic of this.broker.topics.all())
      if (topic.isInternal && topic.isHidden) bytes += topic.partitions[0]!.log.sizeBytes
    return bytes
  }
}

const numberOf = (body: string): number => Number(body.split(' ')[0])

test('bodies that several queues share survive what their messages survive', async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = new World(seed)
    const { random } = world
    await world.open()
    world.furnish()
    const published: string[] = []
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 20; count++) {
        const sizeBytes = random.next() < 0.2 ? 50 : 2000 + Math.floor(random.next() * 40_000)
        published.push(`${published.length} `.padEnd(sizeBytes, '.'))
        world.publish(published.at(-1)!)
        if (random.next() < 0.3) await world.pass(3)
      }
      await world.safe()
      const readers = names.map(name => new Reader(name, Math.floor(random.next() * 8)))
      for (const reader of readers) world.attach(reader)
      for (const { name, bodies } of readers) {
        while (world.broker.queues.find(namespace, name)!.readyCount > 0) await world.pass(20)
        const all = published.map(numberOf)
        expect(bodies.map(numberOf), `seed ${seed}, queue ${name}`).toEqual(
          all.slice(all.length - bodies.length),
        )
        expect(bodies.length).toBeGreaterThanOrEqual(all.length - 8 * (round + 1))
        expect(bodies.every(body => body === published[numberOf(body)])).toBe(true)
      }
      await world.cutPower()
    }
  }
})

test('bodies go when their messages have gone', async () => {
  const world = new World(77)
  await world.open()
  world.furnish()
  for (let count = 0; count < 20; count++) world.publish('x'.repeat(30_000))
  await world.safe()
  expect(world.bodyBytes()).toBeGreaterThan(20 * 30_000)
  expect(world.bodyBytes()).toBeLessThan(21 * 30_000)
  for (const name of names) world.attach(new Reader(name, 20))
  await world.pass(400)
  expect(world.bodyBytes()).toBe(0)
})
