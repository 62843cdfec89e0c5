import { expect, test } from 'vitest'
import type { Offset } from '../../../lib/brand.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { encodeBatch } from '../../../log/batch/index.ts'
import { type Log, openMemoryStore, type Store } from '../../../log/index.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import { nodePlatform } from '../../../platform/index.ts'
import { EventWriter, LaneState, LogLane, ReadAhead } from './index.ts'

const policy = {
  durability: 'memory',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1 << 30,
  segmentMs: 1 << 30,
  compaction: null,
} as const

class World {
  readonly store: Store
  readonly log: Log
  readonly view = new StoredMessage()
  state = new LaneState(0 as Offset)
  lane: LogLane
  readonly #events: Buffer[] = []

  constructor(store: Store) {
    this.store = store
    this.log = store.createLog(policy)
    this.lane = this.#open()
    this.lane.trackBytes()
  }

  async publish(...sizes: number[]): Promise<void> {
    for (const sizeBytes of sizes) {
      const value = Buffer.alloc(sizeBytes)
      this.store.append(this.log.id, encodeBatch([{ timestamp: 0, key: null, value }]))
      this.lane.appended(sizeBytes)
    }
    await new Promise(resolve => setImmediate(resolve))
  }

  take(): Offset {
    expect(this.lane.next(this.view)).toBe('message')
    this.lane.take()
    return this.view.offset
  }

  journal(): void {
    const writer = new EventWriter()
    this.lane.writeEvent(writer)
    this.#events.push(Buffer.from(writer.bytes()))
    this.state.evolve(writer.bytes(), 0)
  }

  restart(): void {
    this.state = new LaneState(0 as Offset)
    for (const event of this.#events) this.state.evolve(event, 0)
    this.lane = this.#open()
  }

  #open(): LogLane {
    return new LogLane({
      index: 0,
      log: this.log,
      state: this.state,
      readAhead: new ReadAhead(),
      onChanged() {},
      onLoaded() {},
      onFailed() {},
    })
  }
}

const open = async (): Promise<World> =>
  new World(await openMemoryStore({ platform: nodePlatform, machines: [], logger: silentLogger }))

test('bytes of what is ready, through all that happens to a message', async () => {
  const world = await open()
  const { lane } = world
  await world.publish(100, 20, 3)
  expect(lane.readyBytes).toBe(123)
  const first = world.take()
  const second = world.take()
  expect(lane.readyBytes).toBe(3)
  lane.giveBack(first, 1, null)
  expect(lane.readyBytes).toBe(103)
  lane.settle(second)
  expect(lane.readyBytes).toBe(103)
  expect(world.take()).toBe(first)
  expect(lane.readyBytes).toBe(3)
  lane.giveBack(first, 2, 1000) // It waits, but it is in the queue.
  expect(lane.readyBytes).toBe(103)
  expect(lane.purge()).toBe(1)
  expect(lane.readyBytes).toBe(100)
  lane.advanceTime(1000)
  expect(lane.next(world.view)).toBe('message')
  lane.takeSettled()
  expect([lane.readyBytes, lane.unsettledBytes]).toEqual([0, 0])
})

test('they are known after a restart: what was out is ready', async () => {
  const world = await open()
  await world.publish(100, 20, 3)
  world.take()
  world.lane.settle(world.take())
  world.journal()
  expect(world.lane.readyBytes).toBe(3)
  world.restart()
  expect(world.lane.readyBytes).toBe(103)
})

test('what others wrote is put right when all is settled', async () => {
  const world = await open()
  await world.publish(100)
  const value = Buffer.alloc(50)
  world.store.append(world.log.id, encodeBatch([{ timestamp: 0, key: null, value }]))
  await world.publish(7)
  while (world.lane.next(world.view) === 'message') world.lane.takeSettled()
  expect(world.lane.readyBytes).toBe(0)
  world.journal()
  await world.publish(9)
  expect(world.lane.readyBytes).toBe(9)
})

test('what is there already is estimated', async () => {
  const world = await open()
  await world.publish(1000, 1000)
  const lane = new LogLane({
    index: 0,
    log: world.log,
    state: new LaneState(1 as Offset),
    readAhead: new ReadAhead(),
    onChanged() {},
    onLoaded() {},
    onFailed() {},
  })
  lane.trackBytes()
  expect(lane.readyBytes).toBeGreaterThan(900)
  expect(lane.readyBytes).toBeLessThan(1200)
})
