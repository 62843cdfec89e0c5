import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import type { Driver, DriverKind } from './driver.ts'
import { judge } from './recorded.ts'
import { scenarios } from './scenarios/index.ts'
import { NotSupported, perform } from './stage.ts'

/** The table of scenarios with one client, against a broker in this process. */
export function describeClient(kind: DriverKind): void {
  describe(`client ${kind.name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sabir-clients-'))
    let broker: RunningBroker
    let driver: Driver
    beforeAll(async () => {
      await kind.prepare()
      broker = await startBroker({ storage: { folder } })
      driver = await kind.open(broker.url('amqp091'))
    })
    afterAll(async () => {
      await driver.close()
      await broker.close()
      rmSync(folder, { recursive: true, force: true })
    })
    for (const [index, scenario] of scenarios.entries()) {
      if (scenario.except?.[kind.name] !== undefined) continue
      test(`${kind.name}: ${scenario.name}`, async context => {
        const restart = async (): Promise<void> => {
          const amqp091 = broker.port('amqp091')
          await broker.close()
          broker = await startBroker({ storage: { folder }, ports: { amqp091 } })
        }
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
