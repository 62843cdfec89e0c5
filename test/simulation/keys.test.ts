import { expect, test } from 'vitest'
import type { Broker } from '../../src/broker/broker.ts'
import { Keys } from '../../src/broker/keyspace/keys.ts'
import { KeysScenario, type KeysScenarioOptions } from './keys-scenario.ts'
import { late } from './late.ts'
import { withoutSync } from './lying-disk.ts'

const only = process.env['SEED']
const count = Number(process.env['SEEDS'] ?? 40)
const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)]
const timeout = 60_000 + count * 1000

const everySecond: Partial<KeysScenarioOptions> = {
  resp: { appendFsync: 'everysec' },
  isPowerSafe: true,
}
const honest: readonly [name: string, options: Partial<KeysScenarioOptions>][] = [
  ['always', {}],
  ['everysec, and nothing but the process ends', everySecond],
]

test.for(honest)(
  `simulation: keys are as clients left them: %s (${seeds.length} seeds)`,
  {
    timeout,
  },
  async ([, options]) => {
    let acknowledged = 0
    for (const seed of seeds) {
      const scenario = new KeysScenario({ ...options, seed })
      await scenario.run().catch((error: unknown) => {
        const replay = `SEED=${seed} npx vitest run test/simulation/keys.test.ts`
        throw new Error(`replay it with: ${replay}`, { cause: error })
      })
      acknowledged += scenario.acknowledged
    }
    expect(acknowledged).toBeGreaterThan(50 * seeds.length)
  },
)

/** Bugs the broker could have had. A checker that does not find them finds nothing. */
const bugs: readonly [name: string, plant: Omit<KeysScenarioOptions, 'seed'>][] = [
  ['a disk that is never synced', { wrapDisk: withoutSync }],
  ['a reply before its slot is synced', { resp: { appendFsync: 'everysec' } }],
  ['a reply before its slot is written', { ...everySecond, resp: { appendFsync: 'no' } }],
  [
    'a torn transaction: what became of elements in a later slot than the rest',
    { plant: ({ turn }, { timers }) => late(turn, 'journal', timers) },
  ],
  ['a checkpoint of keys as they are when they are written', { plant: withoutKeeping }],
]

/** Nobody tells a snapshot that keys change. */
function withoutKeeping({ keyspace }: Broker): void {
  const begin = Keys.prototype.beginSnapshot
  for (const { keys } of keyspace.databases)
    keys.beginSnapshot = snapshot => {
      begin.call(keys, snapshot)
      keys.endSnapshot(snapshot)
    }
}

const SEEDS_MAX = 60

for (const [name, plant] of bugs) {
  test(`simulation: finds ${name}`, { timeout }, async () => {
    let complaint = ''
    for (let seed = 0; seed < SEEDS_MAX && complaint === ''; seed++)
      await new KeysScenario({ ...plant, seed }).run().catch((error: unknown) => {
        complaint = String(error)
      })
    expect(complaint).toMatch(/as after none of|damaged|only a key that is there/)
  })
}
