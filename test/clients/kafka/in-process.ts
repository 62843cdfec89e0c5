import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import type { Driver, DriverKind, Operations } from './driver.ts'
import { applies } from './applies.ts'
import { scenarios } from './scenarios.ts'

/** The table of scenarios with one client, against a broker in this process. */
export function describeClient(kind: DriverKind): void {
  describe(`client ${kind.name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sabir-clients-'))
    let broker: RunningBroker
    let driver: Driver
    beforeAll(async () => {
      await kind.prepare()
      broker = await startBroker({ storage: { folder } })
      driver = await kind.open(broker.url('kafka'))
    })
    afterAll(async () => {
      await driver.close()
      await broker.close()
      rmSync(folder, { recursive: true, force: true })
    })
    for (const [index, scenario] of scenarios.entries()) {
      test(`${kind.name}: ${scenario.name}`, { timeout: 60_000 }, async context => {
        if (!applies(scenario, kind, driver)) return context.skip()
        const client = driver.operations as Operations // `applies` saw what it needs.
        const restart = async (): Promise<void> => {
          const port = broker.port('kafka')
          await broker.close()
          broker = await startBroker({ storage: { folder }, ports: { kafka: port } })
        }
        return scenario.run({ client, name: `${kind.name}-${index}`, restart })
      })
    }
  })
}
