import { beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { limits } from '../../limits/limits.ts'
import { Millis } from '../../lib/brand.ts'
import { nodePlatform } from '../../platform/index.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Extent } from '../internals.ts'
import { SlotNumber } from '../store.ts'
import { FakeSource } from './fake-source.ts'
import { FoldPace } from './fold-pace.ts'
import { SegmentReader } from './reader.ts'
import { Workshop } from './workshop.ts'

const MiB = 1024 * 1024
const PLENTY_BYTES = 2 ** 40

/** Every slot takes a mebibyte. */
class LargeSlots extends FakeSource {
  slotIndexBytes = 1024

  override extent(from: SlotNumber, to: SlotNumber): Extent {
    return { bytes: (to - from) * MiB, indexBytes: (to - from) * this.slotIndexBytes }
  }

  write(slots: number): void {
    this.syncedBelow = SlotNumber(this.syncedBelow + slots)
    this.closedBelow = this.syncedBelow
  }
}

let source: LargeSlots
let pace: FoldPace
let now: number
let freeBytes: number
/** What happens while producers are looked at. */
let meanwhile: () => void
let looks: number

beforeEach(() => {
  source = new LargeSlots()
  now = 0
  freeBytes = PLENTY_BYTES
  meanwhile = () => {}
  looks = 0
  const platform: Platform = {
    ...nodePlatform,
    clock: { now: () => Millis(now), elapsed: () => now },
    disk: { ...nodePlatform.disk, freeBytes: () => Promise.resolve(freeBytes) },
    timers: {
      ...nodePlatform.timers,
      after(ms, run) {
        looks++
        now += ms
        meanwhile()
        run()
        return { cancel() {} }
      },
    },
  }
  const reader = new SegmentReader(platform.disk, '/nowhere')
  const folder = '/nowhere'
  pace = new FoldPace(new Workshop({ platform, folder, source, reader, logger: silentLogger }))
})

const isDue = () => pace.isDue(source.closedBelow)

test('slots are rewritten at once where producers write little', async () => {
  source.write(100)
  now += 5000
  expect(await isDue()).toBe(true)
  expect(looks).toBe(0)
})

test('rewriting gives way to producers who are busy', async () => {
  source.write(1000)
  now += 5000
  meanwhile = () => source.write(20)
  expect(await isDue()).toBe(false)
  now += 5000
  expect(await isDue(), 'it was quiet since').toBe(true)
})

test('a load that is over does not put it off', async () => {
  source.write(1000)
  now += 5000
  expect(await isDue()).toBe(true)
  expect(looks).toBe(1)
})

test('so much may be left undone, and no more', async () => {
  meanwhile = () => source.write(20)
  source.write(limits.unsegmentedBytesMax / MiB)
  now += 5000
  expect(await isDue()).toBe(false)
  expect(await isDue(), 'more came meanwhile').toBe(true)
})

test('what a start would read of it has a bound of its own', async () => {
  meanwhile = () => source.write(20)
  source.slotIndexBytes = limits.unsegmentedIndexBytesMax / 500
  source.write(501)
  now += 5000
  expect(await isDue()).toBe(true)
})

test('it is not put off where room is scarce', async () => {
  meanwhile = () => source.write(20)
  freeBytes = 4000 * MiB
  source.write(501)
  now += 5000
  expect(await isDue()).toBe(true)
})
