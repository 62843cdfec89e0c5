import { describe, test } from 'vitest'
import { inProcess } from '../in-process.ts'
import type { DriverKind } from './driver.ts'
import { judge } from './recorded.ts'
import { scenarios } from './scenarios/index.ts'
import { NotSupported, perform } from './stage.ts'

/** The table of scenarios with one client, against a broker in this process. */
export function describeClient(kind: DriverKind): void {
  describe(`client ${kind.name}`, () => {
    const world = inProcess('amqp091', kind)
    for (const [index, scenario] of scenarios.entries()) {
      if (scenario.except?.[kind.name] !== undefined) continue
      test(`${kind.name}: ${scenario.name}`, async context => {
        const { driver, restart } = world
        const name = `${kind.name}-${index}`
        try {
          judge(scenario, kind.name, await perform(scenario, driver, { name, restart }))
        } catch (error) {
          if (error instanceof NotSupported) return context.skip()
          throw error
        }
      })
    }
  })
}
