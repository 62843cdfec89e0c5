import { expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { settingsOf } from '../../src/broker/policy/index.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'
import { silentLogger as logger } from '../../src/lib/logger.ts'
import { openFileStore } from '../../src/log/index.ts'
import { seededRandom } from '../../src/platform/index.ts'
import { SimulatedDisk } from '../simulation/disk.ts'
import { SimulatedTime, simulatedPlatform } from '../simulation/world.ts'

/** A broker on a disk whose power fails. */
class World {
  readonly #time = new SimulatedTime()
  readonly #disk: SimulatedDisk
  readonly #seed: number
  broker!: Broker

  constructor(seed: number) {
    this.#seed = seed
    this.#disk = new SimulatedDisk(this.#time, seededRandom(seed))
  }

  async open(): Promise<void> {
    const platform = simulatedPlatform(this.#time, this.#disk, this.#seed)
    const runtime = new Runtime({ ...platform, settings: brokerSettingsDefault, logger })
    const opened = Broker.open(runtime, machines =>
      openFileStore({ platform, logger, machines, folder: '/data', chainFileBytes: 1 << 16 }),
    )
    this.broker = await this.#time.finish(opened)
  }

  confirmed(): Promise<void> {
    const { store } = this.broker.runtime
    return this.#time.finish(new Promise(resolve => store.whenConfirmed('sync', () => resolve())))
  }

  /** Somebody waits until the disk has it. */
  hurry(): void {
    this.broker.runtime.store.whenConfirmed('sync', () => {})
  }

  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step++) {
      this.#time.step()
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  async cutPower(): Promise<void> {
    this.#disk.cutPower()
    this.#time.forgetAll()
    await this.open()
  }
}

const permission = { configure: '.*', write: '.*', read: '.*' }

function furnish({ namespaces, access, policies, parameters, queues, exchanges }: Broker): void {
  const namespace = 'team'
  namespaces.add(namespace, { queuesMax: 10 })
  access.setPermission('guest', namespace, permission)
  const definition = { 'max-length': 5 }
  const applyTo = 'all' as const
  policies.set({ namespace, name: 'p', pattern: '.*', applyTo, definition, priority: 0 })
  parameters.set(namespace, 'tool', 'x', 1)
  const flags = { isDurable: true, isAutoDelete: false, owner: null, user: 'guest', declared: {} }
  const spec = { namespace, name: 'q', ...flags, type: 'classic' as const, source: null }
  queues.declare(spec, settingsOf('classic', {}, {}))
  exchanges.bind({
    namespace,
    source: 'amq.direct',
    destination: 'q',
    destinationKind: 'queue',
    routingKey: 'k',
    declared: {},
  })
}

/** How many of the seven things there are. */
function pieces({ namespaces, access, policies, parameters, ...rest }: Broker): number {
  const { queues, exchanges, topics } = rest
  const found: unknown[] = [
    namespaces.find('team'),
    access.user('guest')!.permissions.get('team'),
    policies.find('team', 'p'),
    parameters.find('team', 'tool', 'x'),
    queues.find('team', 'q'),
    topics.find('team', 'q'),
    [...exchanges.bindings('team')].find(({ source }) => source === 'amq.direct'),
  ]
  return found.filter(piece => piece !== undefined).length
}

test('namespaces: made and deleted as a whole, whenever the power fails', async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 60; seed++) {
    const world = new World(seed)
    await world.open()
    furnish(world.broker)
    world.hurry()
    await world.steps(seed % 40)
    await world.cutPower()
    const made = pieces(world.broker)
    expect([0, 7], `seed ${seed}, made`).toContain(made)
    if (made === 0) furnish(world.broker)
    await world.confirmed()
    world.broker.namespaces.delete('team')
    world.hurry()
    await world.steps(seed % 25)
    await world.cutPower()
    const left = pieces(world.broker)
    expect([0, 7], `seed ${seed}, deleted`).toContain(left)
    seen.add(`made ${made}`).add(`left ${left}`)
    if (left === 7) world.broker.namespaces.delete('team')
    await world.confirmed()
    await world.cutPower()
    expect(pieces(world.broker), `seed ${seed}, confirmed`).toBe(0)
  }
  // The power failed both before and after the disk had it.
  expect([...seen].sort()).toEqual(['left 0', 'left 7', 'made 0', 'made 7'])
})
