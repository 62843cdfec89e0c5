import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type RunningBroker, startBroker } from '../../src/index.ts'

/** A broker in this process, and a client of it. */
export interface InProcess<Driver> {
  /** There from the first test on. */
  readonly driver: Driver
  /** Stops the broker in good order, and starts it again on the same port and data. */
  restart(): Promise<void>
}

/** To be called in a `describe`: both are there for its tests, and gone after them. */
export function inProcess<Driver extends { close(): Promise<void> }>(
  protocol: 'kafka' | 'amqp091',
  kind: { prepare(): Promise<void>; open(address: string): Promise<Driver> },
): InProcess<Driver> {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-clients-'))
  let broker: RunningBroker
  let driver: Driver
  beforeAll(async () => {
    await kind.prepare()
    broker = await startBroker({ storage: { folder } })
    driver = await kind.open(broker.url(protocol))
  })
  afterAll(async () => {
    await driver.close()
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    get driver() {
      return driver
    },
    async restart() {
      const ports = { [protocol]: broker.port(protocol) }
      await broker.close()
      broker = await startBroker({ storage: { folder }, ports })
    },
  }
}
