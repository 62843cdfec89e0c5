import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../src/lib/logger.ts'
import { openFileStore } from '../../src/log/index.ts'
import { type Log, type Store, type StoreRefusal, StoreRefusedError } from '../../src/log/store.ts'
import { seededRandom } from '../../src/platform/index.ts'
import { SimulatedDisk } from '../simulation/disk.ts'
import { SimulatedTime, simulatedPlatform } from '../simulation/world.ts'
import { batchOf, policy, readAll, textsOf } from './batches.ts'
import { storeContract } from './store.ts'

const KiB = 1024
let time: SimulatedTime
let disk: SimulatedDisk
let store: Store
let log: Log
let told: (string | null)[]

const open = (): Promise<Store> =>
  passing(
    openFileStore({
      platform: simulatedPlatform(time, disk, 1),
      folder: '/data',
      machines: [],
      logger: silentLogger,
      chainFileBytes: 64 * KiB,
    }),
  )

beforeEach(async () => {
  time = new SimulatedTime()
  disk = new SimulatedDisk(time, seededRandom(1))
  store = await open()
  log = store.createLog(policy)
  told = []
  store.onRefusal(refusal => told.push(refusal?.reason ?? null))
  await passing(outcome())
})
afterEach(() => {
  time.forgetAll()
})

/** Simulated time passes until the work is done. */
async function passing<Answer>(work: Promise<Answer>): Promise<Answer> {
  let isDone = false
  const settled = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await new Promise(resolve => setImmediate(resolve))
    if (!isDone) time.step()
  }
  return settled
}

async function passMs(ms: number): Promise<void> {
  const end = time.now + ms
  while (time.now < end && time.step(end - time.now))
    await new Promise(resolve => setImmediate(resolve))
}

const outcome = (): Promise<StoreRefusal | null> =>
  new Promise(resolve => store.whenConfirmed('sync', resolve))

/** Appends until the store refuses. Returns what was confirmed. */
async function fill(): Promise<string[]> {
  const confirmed: string[] = []
  for (let count = 0; store.refusal === null; count++) {
    const text = `${count} ${'x'.repeat(3 * KiB)}`
    store.append(log.id, batchOf([text]))
    if ((await passing(outcome())) === null) confirmed.push(text)
  }
  return confirmed
}

test('full disk: writes are refused in words, reads go on, and both go on with room', async () => {
  disk.faults.roomBytes = disk.usedBytes() + 150 * KiB
  const confirmed = await fill()
  expect(confirmed.length).toBeGreaterThan(10)
  expect(store.refusal).toMatchObject({ reason: 'disk-full' })
  expect(store.refusal?.message).toMatch(/chain.*free.*Writes go on by themselves/)
  expect(() => store.append(log.id, batchOf(['no']))).toThrow(StoreRefusedError)
  expect(textsOf(await passing(readAll(log))).slice(0, confirmed.length)).toEqual(confirmed)
  disk.faults.roomBytes = null
  await passMs(5_000)
  expect(store.refusal).toBeNull()
  expect(told).toEqual(['disk-full', null])
  store.append(log.id, batchOf(['again']))
  expect(await passing(outcome())).toBeNull()
  expect(textsOf(await passing(readAll(log))).at(-1)).toBe('again')
})

test('full disk: what makes room is still accepted, out of the room set aside', async () => {
  disk.faults.roomBytes = disk.usedBytes() + 150 * KiB
  await fill()
  await passMs(2_000) // What had been accepted is written to the reserve by now.
  store.truncateBefore(log.id, log.confirmedEnd)
  expect(log.sizeBytes).toBe(0)
  const kept = log.startOffset
  await passMs(3_000)
  disk.cutPower()
  time.forgetAll()
  disk.faults.roomBytes = null
  store = await open()
  expect(store.log(log.id)?.startOffset).toBe(kept)
})

test('failed sync: nothing is lost, the outcome is told once, and offsets stay dense', async () => {
  const outcomes: (string | null)[] = []
  disk.faults.syncFails = 1
  for (let count = 0; count < 3; count++) {
    store.append(log.id, batchOf([`record ${count}`]))
    store.whenConfirmed('sync', refusal => outcomes.push(refusal?.reason ?? null))
  }
  await passMs(2_000)
  expect(outcomes).toEqual(['io-error', 'io-error', 'io-error'])
  expect(log.confirmedEnd).toBe(0)
  disk.faults.syncFails = 0
  await passMs(5_000)
  expect(outcomes.length).toBe(3)
  expect(log.confirmedEnd).toBe(3)
  disk.cutPower()
  time.forgetAll()
  store = await open()
  const found = store.log(log.id)!
  expect(textsOf(await passing(readAll(found)))).toEqual(['record 0', 'record 1', 'record 2'])
})

const clocks: NodeJS.Timeout[] = []
afterAll(() => {
  for (const clock of clocks) clearInterval(clock)
})

storeContract('files on a simulated disk', async () => {
  const time = new SimulatedTime()
  const disk = new SimulatedDisk(time, seededRandom(2))
  // Here time passes by itself: the suite knows nothing of simulations.
  const running = setInterval(() => {
    for (let step = 0; step < 20 && time.step(50); step++);
  }, 0)
  clocks.push(running)
  const platform = simulatedPlatform(time, disk, 2)
  return {
    open: machines =>
      openFileStore({
        platform,
        folder: '/data',
        machines,
        logger: silentLogger,
        chainFileBytes: 64 * KiB,
      }),
    isDurable: true,
  }
})
