import { expect, test } from 'vitest'
import { Scenario } from './scenario.ts'

const only = process.env['SEED']
const count = Number(process.env['SEEDS'] ?? 300)
const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)]

const timeout = 60_000 + count * 500

test(`simulation: what was promised survives (${seeds.length} seeds)`, { timeout }, async () => {
  for (const seed of seeds) {
    const scenario = new Scenario({ seed })
    try {
      await scenario.run()
    } catch (thrown) {
      const trace = only === undefined ? '' : `\n${scenario.disk.trace.join('\n')}`
      const replay = `SEED=${seed} npx vitest run test/simulation`
      throw new Error(`seed ${seed} failed; replay it with: ${replay}${trace}`, { cause: thrown })
    }
  }
})

test('simulation: a seed replays exactly', async () => {
  expect(await new Scenario({ seed: 7 }).run()).toEqual(await new Scenario({ seed: 7 }).run())
})
