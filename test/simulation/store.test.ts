import { expect, test } from 'vitest'
import { silentLogger } from '../../src/lib/logger.ts'
import { openFileStore } from '../../src/log/index.ts'
import type { Store } from '../../src/log/store.ts'
import { seededRandom } from '../../src/platform/index.ts'
import { batchOf, Diary, policy } from '../contract/batches.ts'
import { SimulatedDisk } from './disk.ts'
import { Scenario } from './scenario.ts'
import { SimulatedTime, simulatedPlatform, untilWelcome } from './world.ts'

const only = process.env['SEED']
const count = Number(process.env['SEEDS'] ?? 300)
const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)]

const timeout = 60_000 + count * 500

test(`simulation: what was promised survives (${seeds.length} seeds)`, { timeout }, async () => {
  let recoveries = 0
  let catchings = 0
  for (const seed of seeds) {
    const scenario = new Scenario({ seed })
    try {
      await scenario.run()
    } catch (thrown) {
      const trace = only === undefined ? '' : `\n${scenario.disk.trace.join('\n')}`
      const replay = `SEED=${seed} npx vitest run test/simulation`
      throw new Error(`seed ${seed} failed; replay it with: ${replay}${trace}`, { cause: thrown })
    }
    recoveries += scenario.recoveries
    catchings += Math.min(scenario.folding.putOff, scenario.folding.caughtUp)
  }
  if (only !== undefined) return
  expect(recoveries).toBeGreaterThan(seeds.length / 10)
  expect(catchings, 'rewriting gave way, and caught up').toBeGreaterThan(seeds.length / 10)
})

test('simulation: a seed replays exactly', async () => {
  expect(await new Scenario({ seed: 7 }).run()).toEqual(await new Scenario({ seed: 7 }).run())
})

test('what was only written is synced with its file, also if the next one cannot be made', {
  timeout,
}, async () => {
  const time = new SimulatedTime()
  const disk = new SimulatedDisk(time, seededRandom(1))
  const diary = new Diary()
  const open = (): Promise<Store> =>
    time.finish(
      openFileStore({
        platform: simulatedPlatform(time, disk, 1),
        folder: '/data',
        machines: [diary],
        logger: silentLogger,
        chainFileBytes: 64 * 1024,
        // Nothing else is to sync what nobody waits for.
        flushIntervalMs: 60_000,
      }),
    )
  const store = await open()
  const log = store.createLog({ ...policy, durability: 'async' })
  await time.finish(new Promise<unknown>(resolve => store.whenConfirmed('sync', resolve)))
  disk.faults.roomBytes = disk.usedBytes()
  let count = 0
  for (; store.refusal === null && count < 1000; count++) {
    store.append(log.id, batchOf([`${count}`.padEnd(2000)]))
    await time.finish(new Promise<unknown>(resolve => store.whenConfirmed('async', resolve)))
  }
  expect(store.refusal?.reason).toBe('disk-full')
  disk.faults.roomBytes = null
  await untilWelcome(time, store)
  await time.finish(store.close())
  disk.cutPower()
  time.forgetAll()
  diary.entries.length = 0
  const again = await open()
  expect(again.log(log.id)?.endOffset).toBe(count)
  await time.finish(again.close())
})

test('files that a burst left behind are let go of, but for a few', { timeout }, async () => {
  const time = new SimulatedTime()
  const disk = new SimulatedDisk(time, seededRandom(1))
  const sparesKeptMs = 60_000
  const store = await time.finish(
    openFileStore({
      platform: simulatedPlatform(time, disk, 1),
      folder: '/data',
      machines: [],
      logger: silentLogger,
      chainFileBytes: 64 * 1024,
      segmentPeriodMs: 1000,
      sparesKeptMs,
    }),
  )
  const spares = (): number => disk.paths().filter(path => path.endsWith('.spare')).length
  const pass = (ms: number): Promise<unknown> =>
    time.finish(new Promise<void>(resolve => time.after(ms, resolve)))
  const log = store.createLog(policy)
  const write = async (): Promise<void> => {
    store.append(log.id, batchOf([''.padEnd(30_000)]))
    await time.finish(new Promise<unknown>(resolve => store.whenConfirmed('sync', resolve)))
  }
  for (let slots = 0; slots < 60; slots++) await write()
  await pass(sparesKeptMs / 2)
  const reserve = 1
  expect(spares()).toBeGreaterThan(10 + reserve)
  await pass(sparesKeptMs)
  expect(spares()).toBe(4 + reserve)
  // Those that stayed are used, and new files are made, as before.
  for (let slots = 0; slots < 60; slots++) await write()
  expect(log.confirmedEnd).toBe(120)
  await time.finish(store.close())
})
