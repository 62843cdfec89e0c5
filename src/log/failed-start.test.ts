import { beforeEach, expect, test } from 'vitest'
import { batchOf, policy } from '../../test/contract/batches.ts'
import { SimulatedDisk } from '../../test/simulation/disk.ts'
import { delegating } from '../../test/simulation/lying-disk.ts'
import { simulatedPlatform, SimulatedTime } from '../../test/simulation/world.ts'
import { silentLogger } from '../lib/logger.ts'
import { seededRandom } from '../platform/index.ts'
import { type Disk, DiskError, type DiskFile } from '../platform/disk.ts'
import { openFileStore } from './file-store.ts'
import type { Store } from './store.ts'

const KiB = 1024

let time: SimulatedTime
let disk: SimulatedDisk
const open = new Set<DiskFile>()
/** Timers that would still run. */
const planned = new Set<object>()
let isFailing: (asked: string, path: string) => boolean

const failAt = (asked: string, part: string): void => {
  isFailing = (what, path) => what === asked && path.includes(part)
}

function check(asked: string, path: string): void {
  if (isFailing(asked, path)) throw new DiskError('io', path, `simulated: no ${asked}`)
}

beforeEach(() => {
  time = new SimulatedTime()
  disk = new SimulatedDisk(time, seededRandom(1))
  isFailing = () => false
  open.clear()
  planned.clear()
})

/** Knows which files are open, and fails as it is told. */
const watched = (): Disk =>
  delegating(disk, {
    open: async (path, mode) => {
      check('open', path)
      const file = await disk.open(path, mode)
      open.add(file)
      const { close } = file
      file.close = () => {
        expect(open.delete(file), `${path} is closed once`).toBe(true)
        return close()
      }
      return file
    },
    list: async folder => {
      check('list', folder)
      return disk.list(folder)
    },
    rename: async (from, to) => {
      check('rename', to)
      return disk.rename(from, to)
    },
  })

function start(): Promise<Store> {
  const platform = simulatedPlatform(time, disk, 1)
  const plan = (delayMs: number, run: () => void, isAgain: boolean) => {
    const key = {}
    planned.add(key)
    const due = (): void => {
      if (!isAgain) planned.delete(key)
      run()
    }
    const timer = time.after(delayMs, due, isAgain ? delayMs : null)
    return {
      cancel: () => {
        planned.delete(key)
        timer.cancel()
      },
    }
  }
  return openFileStore({
    platform: {
      ...platform,
      disk: watched(),
      timers: {
        ...platform.timers,
        after: (delayMs, run) => plan(delayMs, run, false),
        every: (periodMs, run) => plan(periodMs, run, true),
      },
    },
    folder: '/data',
    machines: [],
    logger: silentLogger,
    chainFileBytes: 64 * KiB,
  })
}

/** Some chain files, and one that was prepared and holds nothing yet. */
async function lifeBefore(): Promise<void> {
  const store = await time.finish(start())
  const log = store.createLog(policy)
  for (let slots = 0; slots < 5; slots++) {
    store.append(log.id, batchOf([''.padEnd(30 * KiB)]))
    await time.finish(new Promise<unknown>(resolve => store.whenConfirmed('sync', resolve)))
  }
  await time.pass(50)
  disk.kill()
  time.forgetAll()
  open.clear()
  planned.clear()
}

const failures: [name: string, asked: string, part: string][] = [
  ['segments cannot be listed', 'list', '/segment'],
  ['checkpoints cannot be listed', 'list', '/checkpoint'],
  ['chain files cannot be listed', 'list', '/chain'],
  ['a chain file cannot be opened', 'open', '2.chain'],
  ['a prepared file cannot be kept', 'rename', '.spare'],
  ['a spare file cannot be looked at', 'open', '.spare'],
]

for (const [name, asked, part] of failures) {
  test(`nothing stays open when a start fails: ${name}`, async () => {
    await lifeBefore()
    failAt(asked, part)
    await expect(time.finish(start())).rejects.toThrow(`simulated: no ${asked}`)
    expect(open.size, 'files').toBe(0)
    expect(planned.size, 'timers').toBe(0)
    isFailing = () => false
    const store = await time.finish(start())
    expect([...store.logs()].map(log => log.confirmedEnd)).toEqual([5])
    await time.finish(store.close())
    expect([open.size, planned.size]).toEqual([0, 0])
  })
}
