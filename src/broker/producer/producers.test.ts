import { deepEqual, equal, rejects } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { Millis, Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import { type BatchSummary, LogId, type Store, type StoreRefusal } from '../../log/store.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import { Producers } from './producers.ts'

/** Producers over a store that keeps events and confirms when it is told to. */
class World {
  now = 1_000_000
  readonly events: Buffer[] = []
  readonly waiting: ((refusal: StoreRefusal | null) => void)[] = []
  readonly deletedLogs = new Set<number>()
  readonly producers: Producers
  readonly store = {
    refusal: null as StoreRefusal | null, // A literal null alone would be its whole type.
    journal: (_: string, event: Buffer) => {
      this.events.push(event)
      this.producers.evolve(event)
    },
    whenConfirmed: (_: string, done: (refusal: StoreRefusal | null) => void) =>
      void this.waiting.push(done),
    log: (id: number) => (this.deletedLogs.has(id) ? undefined : {}),
  }

  constructor() {
    const unused = () => {
      throw new Error('not for producers')
    }
    const runtime = new Runtime({
      settings: brokerSettingsDefault,
      clock: { now: () => Millis(this.now), elapsed: unused },
      timers: { after: unused, every: unused, soon: unused },
      random: { next: unused, bytes: unused },
      logger: silentLogger,
    })
    this.producers = new Producers(runtime)
    runtime.attach(this.store as unknown as Store)
  }

  confirm(refusal: StoreRefusal | null = null): void {
    for (const done of this.waiting.splice(0)) done(refusal)
  }

  append(log: number, producerId: number, baseSequence: number, count: number, offset = 0): void {
    this.producers.appended(LogId(log), batch(producerId, baseSequence, count, offset))
  }

  verdict(log: number, producerId: number, baseSequence: number): string {
    const sequenced = { producerEpoch: 0, baseSequence, count: 1 }
    return this.producers.judge(LogId(log), producerId, sequenced).kind
  }
}

function batch(
  producerId: number,
  baseSequence: number,
  count: number,
  offset: number,
): BatchSummary {
  return {
    baseOffset: Offset(offset),
    lastOffset: Offset(offset + count - 1),
    count,
    sizeBytes: 100,
    maxTimestamp: 5,
    producerId,
    producerEpoch: 0,
    baseSequence,
    isTransactional: false,
    isControl: false,
  }
}

describe('producer ids', () => {
  test('are given once their block is confirmed, a thousand for one event', async () => {
    const world = new World()
    const all = Array.from({ length: 1000 }, () => world.producers.allocateId())
    equal(world.events.length, 1)
    world.confirm()
    deepEqual(
      await Promise.all(all),
      Array.from({ length: 1000 }, (_, index) => index),
    )
    const next = world.producers.allocateId()
    equal(world.events.length, 2)
    world.confirm()
    equal(await next, 1000)
  })

  test('are never given twice, whatever was confirmed before the crash', async () => {
    const before = new World()
    const given = before.producers.allocateId()
    before.confirm()
    equal(await given, 0)
    for (const after of [new World(), new World()]) {
      if (after.events.length === 0) after.producers.evolve(before.events[0]!)
      const id = after.producers.allocateId()
      after.confirm()
      equal(await id, 1000)
    }
    const restored = new World()
    restored.producers.restore(before.producers.snapshot())
    const id = restored.producers.allocateId()
    restored.confirm()
    equal(await id, 1000)
  })

  test('cannot be had while writes are refused, and can afterwards', async () => {
    const world = new World()
    world.store.refusal = { reason: 'disk-full', message: 'no room' }
    await rejects(world.producers.allocateId(), { name: 'BrokerError', kind: 'unavailable' })
    world.store.refusal = null
    const failed = world.producers.allocateId()
    world.confirm({ reason: 'io-error', message: 'failed' })
    await rejects(failed, { name: 'BrokerError', kind: 'unavailable' })
    const id = world.producers.allocateId()
    world.confirm()
    equal(await id, 1000) // The block of the failed write may be on the disk, so it is lost.
  })
})

describe('producers', () => {
  test('each has its own sequence in each log', () => {
    const world = new World()
    world.append(1, 7, 0, 3)
    equal(world.verdict(1, 7, 3), 'next')
    equal(world.verdict(1, 7, 4), 'out-of-order')
    equal(world.verdict(2, 7, 4), 'next')
    equal(world.verdict(1, 8, 4), 'next')
  })

  test('a snapshot restores them all', () => {
    const world = new World()
    for (let index = 0; index < 7; index++) world.append(1, 7, index, 1, index)
    world.append(2, 9, 0, 4)
    const copy = new World()
    copy.producers.restore(world.producers.snapshot())
    equal(copy.verdict(1, 7, 7), 'next')
    equal(copy.verdict(1, 7, 2), 'duplicate')
    equal(copy.verdict(1, 7, 1), 'out-of-order')
    equal(copy.verdict(2, 9, 4), 'next')
    deepEqual(copy.producers.snapshot(), world.producers.snapshot())
  })

  test('those who are silent for a day, or whose log is gone, are forgotten', () => {
    const world = new World()
    world.append(1, 7, 0, 1)
    world.append(2, 7, 0, 1)
    world.now += brokerSettingsDefault.producerExpiryMs - 1
    world.append(1, 8, 0, 1)
    world.producers.forgetSilent()
    equal(world.verdict(1, 7, 5), 'out-of-order')
    world.deletedLogs.add(2)
    world.producers.forgetSilent()
    equal(world.verdict(2, 7, 5), 'next')
    equal(world.verdict(1, 7, 5), 'out-of-order')
    world.now += 1
    world.producers.forgetSilent()
    equal(world.verdict(1, 7, 5), 'next')
    equal(world.verdict(1, 8, 5), 'out-of-order')
    deepEqual([...world.producers.active(LogId(1)).keys()], [8])
  })
})
