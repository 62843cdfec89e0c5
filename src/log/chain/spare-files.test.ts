import { beforeEach, expect, test } from 'vitest'
import { SimulatedDisk } from '../../../test/simulation/disk.ts'
import { simulatedPlatform, SimulatedTime } from '../../../test/simulation/world.ts'
import { silentLogger } from '../../lib/logger.ts'
import { seededRandom } from '../../platform/index.ts'
import { delegating } from '../../../test/simulation/lying-disk.ts'
import { type SpareFile, SpareFiles } from './spare-files.ts'

const KEPT_MS = 1000
const LEAST = 4
const MANY = 10

let time: SimulatedTime
let disk: SimulatedDisk

beforeEach(() => {
  time = new SimulatedTime()
  disk = new SimulatedDisk(time, seededRandom(1))
})

const names = (): string[] => disk.paths().map(path => path.slice('/chain/'.length))

async function spare(number: number): Promise<SpareFile> {
  const path = `/chain/${number}.spare`
  const file = await time.finish(disk.open(path, 'create'))
  await time.finish(file.write([Buffer.alloc(4096)], 0))
  return { path, sizeBytes: 4096 }
}

async function spares(count: number): Promise<SpareFile[]> {
  const made: SpareFile[] = []
  for (let number = 0; number < count; number++) made.push(await spare(number))
  return made
}

const keep = (found: SpareFile[], failsAt = ''): SpareFiles => {
  const remove = (path: string): Promise<void> =>
    path === failsAt ? Promise.reject(new Error('no')) : disk.remove(path)
  const platform = { ...simulatedPlatform(time, disk, 1), disk: delegating(disk, { remove }) }
  return new SpareFiles({ platform, logger: silentLogger, found, keptMs: KEPT_MS })
}

/** Everything that is due within that time happens. */
async function pass(ms: number): Promise<void> {
  const until = time.now + ms
  while (time.step(until - time.now)) await new Promise(resolve => setImmediate(resolve))
  time.stall(until - time.now)
}

test('those that were there at the start go, beyond the least, after a while', async () => {
  keep(await spares(MANY))
  await pass(KEPT_MS - 1)
  expect(names()).toHaveLength(MANY)
  await pass(100)
  expect(names()).toEqual(['0.spare', '1.spare', '2.spare', '3.spare'])
})

test('they stay as long as the chain moves on', async () => {
  const kept = keep(await spares(MANY))
  for (let times = 0; times < 5; times++) {
    await pass(KEPT_MS - 100)
    kept.movedOn()
  }
  expect(names()).toHaveLength(MANY)
  await pass(KEPT_MS + 100)
  expect(names()).toHaveLength(LEAST)
})

test('one that comes later is let go of later', async () => {
  const kept = keep([])
  await pass(KEPT_MS + 100)
  for (const one of await spares(MANY)) kept.add(one)
  await pass(KEPT_MS - 100)
  expect(names()).toHaveLength(MANY)
  await pass(200)
  expect(names()).toHaveLength(LEAST)
})

test('nobody is given one that is about to go', async () => {
  const kept = keep(await spares(MANY))
  time.step() // What was let go of is still there.
  await new Promise(resolve => setImmediate(resolve))
  expect(names()).toHaveLength(MANY)
  const taken: string[] = []
  for (let each = kept.take(); each !== undefined; each = kept.take()) taken.push(each.path)
  expect(taken).toHaveLength(LEAST)
  await time.finish(kept.letGo)
  expect(disk.paths()).toEqual(taken)
})

test('one that cannot be removed does not keep the others', async () => {
  const found = await spares(MANY)
  const kept = keep(found, found[LEAST]!.path)
  await pass(KEPT_MS + 100)
  expect(names()).toHaveLength(LEAST + 1)
  await time.finish(kept.close())
})

test('closed, it waits for those that are on their way, and lets go of no more', async () => {
  const found = await spares(MANY)
  const kept = keep(found)
  time.step()
  await time.finish(kept.close())
  expect(names()).toHaveLength(LEAST)
  const other = keep(found.slice(0, 2))
  await time.finish(other.close())
  expect(time.step(), 'nothing is planned any more').toBe(false)
})

test('where room is scarce the rest goes, and what is too small', async () => {
  const [small, ...large] = await spares(MANY)
  const kept = keep([{ ...small!, sizeBytes: 1 }, ...large])
  expect(await time.finish(kept.takeLarge(4096))).toEqual(large[0])
  expect(names()).toEqual(['1.spare', '2.spare', '3.spare'])
})
