import { expect, test } from 'vitest'
import type { Disk } from '../../src/platform/disk.ts'
import { delegating, withoutSync, wrapped } from './lying-disk.ts'
import { ForgetfulPace } from './small-pace.ts'
import { Scenario, type ScenarioOptions } from './scenario.ts'

/** Bugs the store could have had. A checker that does not find them finds nothing. */
const bugs: [name: string, plant: Omit<ScenarioOptions, 'seed'>][] = [
  ['an acknowledgement before the sync', { wrapDisk: withoutSync }],
  ['a torn tail that is kept', { store: { decideTail: () => 'keep' } }],
  ['a chain file whose name is not synced', { wrapDisk: withoutFolderSync }],
  ['a write that is torn and called a success', { wrapDisk: withTornWrites }],
  [
    'slots that were put off and forgotten',
    { store: { foldPace: workshop => new ForgetfulPace(workshop) } },
  ],
  ['a failed sync that is called a success', { wrapDisk: withSilentSync, hasFaults: true }],
]

const SEEDS_MAX = 60

for (const [name, plant] of bugs) {
  test(`simulation: finds ${name}`, async () => {
    expect(await firstFailure(plant)).not.toBeNull()
  })
}

test('simulation: finds nothing where nothing was planted', async () => {
  expect(await firstFailure({ wrapDisk: disk => wrapped(disk, () => ({})) }, 10)).toBeNull()
})

async function firstFailure(
  plant: Omit<ScenarioOptions, 'seed'>,
  seedsMax = SEEDS_MAX,
): Promise<unknown> {
  for (let seed = 0; seed < seedsMax; seed++) {
    try {
      await new Scenario({ hasFaults: false, ...plant, seed }).run()
    } catch (thrown) {
      return thrown
    }
  }
  return null
}

function withSilentSync(disk: Disk): Disk {
  return wrapped(disk, file => ({ sync: () => file.sync().catch(() => {}) }))
}

/** The last bytes of a large write never arrive. */
function withTornWrites(disk: Disk): Disk {
  return wrapped(disk, file => ({
    write: (buffers, position) => {
      const bytes = Buffer.concat(buffers)
      const isLarge = bytes.length === 8192
      return file.write([isLarge ? bytes.subarray(0, 4096) : bytes], position)
    },
  }))
}

function withoutFolderSync(disk: Disk): Disk {
  return delegating(disk, { syncFolder: () => Promise.resolve() })
}
