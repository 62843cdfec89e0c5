import { describe, test } from 'vitest'
import { inProcess } from '../in-process.ts'
import { applies } from './applies.ts'
import type { DriverKind, Operations } from './driver.ts'
import { scenarios } from './scenarios.ts'

/** The table of scenarios with one client, against a broker in this process. */
export function describeClient(kind: DriverKind): void {
  describe(`client ${kind.name}`, () => {
    const world = inProcess('kafka', kind)
    for (const [index, scenario] of scenarios.entries()) {
      test(`${kind.name}: ${scenario.name}`, { timeout: 60_000 }, async context => {
        const { driver, restart } = world
        if (!applies(scenario, kind, driver)) return context.skip()
        const client = driver.operations as Operations // `applies` saw what it needs.
        return scenario.run({ client, name: `${kind.name}-${index}`, restart })
      })
    }
  })
}
