import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import { checkStoredBatch } from '../../log/batch/index.ts'
import { type Log, openMemoryStore } from '../../log/index.ts'
import { MessageReader } from '../../message/message-reader.ts'
import { Publication } from '../../message/publication.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import { nodePlatform } from '../../platform/index.ts'
import { Packers } from '../publish/packers.ts'
import { LaneState, LogLane, ReadAhead } from '../queue/lane/index.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import { Topics } from '../topic/index.ts'
import { Turn } from '../turn.ts'
import { inlineBodies, SharedBodies } from './index.ts'

/** Some queues' logs in memory, and what was published to each. */
class World {
  readonly runtime: Runtime
  readonly topics: Topics
  readonly turn: Turn
  bodies: SharedBodies
  packers: Packers
  readonly logs: Log[] = []
  readonly lanes: LogLane[] = []
  readonly published: string[][] = []
  #events: Buffer[] = []
  #snapshot: Buffer | null = null
  #count = 0

  private constructor() {
    const { clock, timers, random } = nodePlatform
    const logger = silentLogger
    const settings = brokerSettingsDefault
    this.runtime = new Runtime({ settings, clock, timers, random, logger })
    this.turn = new Turn(this.runtime)
    this.topics = new Topics(this.runtime)
    this.bodies = new SharedBodies(this.runtime, this.topics)
    this.packers = new Packers(this.runtime, this.turn, this.bodies)
  }

  static async open(logCount: number): Promise<World> {
    const world = new World()
    const machine = {
      name: world.bodies.name,
      evolve: (event: Buffer) => {
        world.#events.push(Buffer.from(event))
        world.bodies.evolve(event)
      },
      snapshot: () => world.bodies.snapshot(),
      restore() {},
    }
    const store = await openMemoryStore({
      platform: nodePlatform,
      machines: [world.topics, machine],
      logger: silentLogger,
    })
    world.runtime.attach(store)
    world.topics.start()
    world.bodies.start()
    for (let index = 0; index < logCount; index++) world.#addLog(`q${index}`)
    return world
  }

  async close(): Promise<void> {
    this.bodies.stop()
    await this.runtime.store.close()
  }

  /** To the logs of these numbers; bodies are all different. */
  publish(to: readonly number[], sizeBytes: number): void {
    const body = `${this.#count++}`.padEnd(sizeBytes, '.')
    const publication = new Publication()
    publication.addressTo('exchange', 'key')
    publication.body = Buffer.from(body)
    publication.bodyEnd = publication.body.length
    const ids = to.map(index => this.logs[index]!.id)
    if (ids.length > 1) this.packers.share(ids.join(), publication)
    for (const logId of ids) this.packers.add({ logId }, publication)
    this.packers.unshare()
    for (const index of to) this.published[index]!.push(body)
  }

  async turnEnd(): Promise<void> {
    this.turn.flush()
    await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setImmediate(resolve))
  }

  /** The state alone is lost, and comes back from the snapshot and the events. */
  restart(): void {
    this.bodies.stop()
    this.bodies = new SharedBodies(this.runtime, this.topics)
    if (this.#snapshot !== null) this.bodies.restore(this.#snapshot)
    for (const event of this.#events) this.bodies.evolve(event)
    this.bodies.start()
    this.packers = new Packers(this.runtime, this.turn, this.bodies)
  }

  checkpoint(): void {
    this.#snapshot = this.bodies.snapshot()
    this.#events = []
  }

  bodyLogs(): Log[] {
    return [...this.topics.all()].flatMap(topic =>
      topic.isInternal ? topic.partitions.map(({ log }) => log) : [],
    )
  }

  /** Every record that can be read has its body, by every way of reading. */
  async check(): Promise<void> {
    for (const [index, log] of this.logs.entries()) {
      const expected = this.published[index]!.slice(log.startOffset, log.confirmedEnd)
      expect(await this.#readLane(log)).toEqual(expected)
      expect(await this.#readInline(log)).toEqual(expected)
    }
  }

  async #readLane(log: Log): Promise<string[]> {
    const lane = this.#lane(log, log.startOffset)
    const view = new StoredMessage()
    const found: string[] = []
    for (let answer = lane.next(view); answer !== 'empty'; answer = lane.next(view)) {
      expect(answer).toBe('message')
      found.push(bodyOf(view))
      const again = new StoredMessage()
      expect(await lane.read(view.offset, again)).toBe(true)
      expect(bodyOf(again)).toBe(found.at(-1))
      lane.take()
    }
    return found
  }

  async #readInline(log: Log): Promise<string[]> {
    const batches = log.read(log.startOffset, 1e9)
    const wanted = { from: log.startOffset, bytesMax: 1e9 }
    const reader = new MessageReader()
    const view = new StoredMessage()
    const found: string[] = []
    for (const batch of await inlineBodies(this.bodies, batches, wanted)) {
      expect(checkStoredBatch(batch)).toBeNull()
      reader.open(batch)
      let offset: number = log.startOffset
      for (; reader.find(offset, view); offset = view.offset + 1) {
        expect([view.isBodyElsewhere, view.exchange(), view.routingKey()]).toEqual([
          false,
          'exchange',
          'key',
        ])
        found.push(bodyOf(view))
      }
    }
    return found
  }

  #addLog(name: string): void {
    const overrides = { 'retention.ms': '-1', 'retention.bytes': '-1' }
    const topic = this.topics.createNow({ name, partitionCount: 1, overrides })
    const log = topic.partitions[0]!.log
    this.logs.push(log)
    this.lanes.push(this.#lane(log, 0 as Offset))
    this.published.push([])
  }

  #lane(log: Log, start: Offset): LogLane {
    return new LogLane({
      index: 0,
      log,
      state: new LaneState(start),
      readAhead: new ReadAhead(),
      bodies: this.bodies,
      onChanged() {},
      onLoaded() {},
      onFailed: (_lane, error) => {
        throw error
      },
    })
  }
}

const bodyOf = (view: StoredMessage): string =>
  view.body.toString('utf8', view.bodyStart, view.bodyEnd)

async function inWorld(logCount: number, run: (world: World) => Promise<void>): Promise<void> {
  const world = await World.open(logCount)
  try {
    await run(world)
  } finally {
    await world.close()
  }
}

test('a large body is stored once, a small one where it belongs', () =>
  inWorld(3, async world => {
    for (let count = 0; count < 10; count++) world.publish([0, 1, 2], 50_000)
    await world.turnEnd()
    expect(world.bodyLogs().map(({ endOffset }) => endOffset)).toEqual([10])
    for (const log of world.logs) expect(log.sizeBytes).toBeLessThan(1000)
    world.publish([0, 1, 2], 100)
    await world.turnEnd()
    expect(world.bodyLogs().map(({ endOffset }) => endOffset)).toEqual([10])
    await world.check()
  }))

test('bodies go once the last log has let go of them', () =>
  inWorld(2, async world => {
    const { store } = world.runtime
    for (let count = 0; count < 8; count++) {
      world.publish([0, 1], 1024 * 1024)
      await world.turnEnd()
    }
    const [bodyLog] = world.bodyLogs()
    store.truncateBefore(world.logs[0]!.id, 8 as Offset)
    store.truncateBefore(world.logs[1]!.id, 3 as Offset)
    world.bodies.sweep()
    expect(bodyLog!.startOffset).toBe(3)
    await world.check()
    store.truncateBefore(world.logs[1]!.id, 8 as Offset)
    world.bodies.sweep()
    expect(world.bodyLogs()).toEqual([])
    world.publish([0, 1], 5000)
    await world.turnEnd()
    await world.check()
  }))

test('a deleted log holds nothing', () =>
  inWorld(2, async world => {
    world.publish([0, 1], 5000)
    await world.turnEnd()
    world.topics.deleteNow(world.topics.byName('q1')!.id)
    world.runtime.store.truncateBefore(world.logs[0]!.id, 1 as Offset)
    world.bodies.sweep()
    world.bodies.sweep()
    expect(world.bodyLogs()).toEqual([])
  }))

test('after a restart, bodies without references go, and others stay', () =>
  inWorld(3, async world => {
    world.publish([0, 1], 5000)
    world.publish([1, 2], 5000)
    await world.turnEnd()
    world.runtime.store.truncateBefore(world.logs[0]!.id, 1 as Offset)
    world.runtime.store.truncateBefore(world.logs[1]!.id, 2 as Offset)
    world.restart()
    world.bodies.sweep()
    expect(world.bodyLogs()).toHaveLength(1)
    await world.check()
  }))

type Command = (world: World) => Promise<void> | void
const named = (name: string, run: Command) => Object.assign(run, { toString: () => name })
const some = fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 })
const size = fc.constantFrom(10, 3000, 700_000)
const commands: fc.Arbitrary<Command>[] = [
  fc
    .tuple(some, size)
    .map(([to, bytes]) => named(`publish ${to} ${bytes}`, world => world.publish(to, bytes))),
  fc
    .tuple(some, size)
    .map(([to, bytes]) => named(`publish ${to} ${bytes}`, world => world.publish(to, bytes))),
  fc.constant(named('turn', world => world.turnEnd())),
  fc.tuple(fc.nat(3), fc.nat(6)).map(([index, more]) =>
    named(`truncate ${index} ${more}`, async world => {
      await world.turnEnd()
      const { id, startOffset, confirmedEnd } = world.logs[index]!
      const before = Math.min(startOffset + more, confirmedEnd)
      world.runtime.store.truncateBefore(id, before as Offset)
    }),
  ),
  fc.constant(
    named('sweep', async world => {
      world.bodies.sweep()
      await world.turnEnd() // It runs every few seconds, so never twice in a turn.
    }),
  ),
  fc.constant(named('checkpoint', world => world.checkpoint())),
  fc.constant(
    named('restart', async world => {
      await world.turnEnd()
      world.restart()
    }),
  ),
]

test('whatever can be read has its body, whatever was truncated, swept and restarted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...commands), { maxLength: 40, size: 'max' }), run =>
      inWorld(4, async world => {
        for (const command of run) await command(world)
        await world.turnEnd()
        world.bodies.sweep()
        await world.check()
      }),
    ),
    { numRuns: 40 },
  )
})
