import { expect, test } from 'vitest'
import { published } from '../../src/broker/publish/index.ts'
import { StoredMessage } from '../../src/message/stored-message.ts'
import { late } from './late.ts'
import { withoutSync } from './lying-disk.ts'
import { QueueScenario, type QueueScenarioOptions } from './queue-scenario.ts'

const only = process.env['SEED']
const count = Number(process.env['SEEDS'] ?? 60)
const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)]
const timeout = 60_000 + count * 1000

test(`simulation: queues keep what they promised (${seeds.length} seeds)`, {
  timeout,
}, async () => {
  for (const seed of seeds) {
    const scenario = new QueueScenario({ seed })
    const replay = `SEED=${seed} npx vitest run test/simulation/queues.test.ts`
    expect(await scenario.run(), `replay it with: ${replay}`).toBeNull()
    expect(scenario.ledger.observed).toBeGreaterThan(30)
  }
})

test(`simulation: so they do while the disk fails (${seeds.length} seeds)`, {
  timeout,
}, async () => {
  let refusals = 0
  let recoveries = 0
  for (const seed of seeds) {
    const scenario = new QueueScenario({ seed, hasFaults: true })
    const replay = `SEED=${seed} npx vitest run test/simulation/queues.test.ts`
    expect(await scenario.run(), `replay it with: ${replay}`).toBeNull()
    refusals += scenario.refusals
    recoveries += scenario.recoveries
  }
  expect(refusals).toBeGreaterThan(seeds.length / 4)
  if (only === undefined) expect(recoveries).toBeGreaterThan(seeds.length / 4)
})

/** Bugs the broker could have had. A checker that does not find them finds nothing. */
const bugs: readonly [name: string, plant: Omit<QueueScenarioOptions, 'seed'>, found: RegExp][] = [
  ['a confirm before the sync', { wrapDisk: withoutSync }, /lost|came back|damaged/],
  [
    'settlements that are written after they were confirmed',
    { plant: ({ turn }, { timers }) => late(turn, 'journal', timers) },
    /came back|not marked/,
  ],
  [
    'messages that are written after they were confirmed',
    { plant: ({ turn }, { timers }) => late(turn, 'pack', timers) },
    /lost|came back/,
  ],
  [
    'a dead letter that is sent a moment after its message was settled',
    {
      plant: ({ queues }, { timers }) => {
        const port = queues.deadLetters!
        queues.deadLetters = {
          send: (queue, message, reason) => {
            const kept = Object.assign(new StoredMessage(), message)
            timers.after(5, () => port.send(queue, kept, reason))
            return true
          },
        }
      },
    },
    /lost/,
  ],
  [
    'dead letters that are sent, and dropped, before everybody knows that there is room',
    {
      hasFaults: true,
      plant: ({ publisher, runtime }) => {
        let isRefusing = false
        runtime.store.onRefusal(refusal => {
          isRefusing = refusal !== null
        })
        const forward = publisher.forward.bind(publisher)
        publisher.forward = (...letter) => (isRefusing ? published.rejected : forward(...letter))
      },
    },
    /lost/,
  ],
]

const SEEDS_MAX = 100

for (const [name, plant, found] of bugs) {
  test(`simulation: finds ${name}`, { timeout }, async () => {
    let complaint: string | null = null
    for (let seed = 0; seed < SEEDS_MAX && complaint === null; seed++)
      complaint = await new QueueScenario({ ...plant, seed }).run().catch(String)
    expect(complaint).toMatch(found)
  })
}
