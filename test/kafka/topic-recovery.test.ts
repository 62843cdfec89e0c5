import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'
import type { Topic } from '../../src/broker/topic/index.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { openFileStore } from '../../src/log/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'

const folders: string[] = []
const open: Broker[] = []

afterEach(async () => {
  for (const broker of open.splice(0)) await broker.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sabir-topics-'))
  folders.push(folder)
  return folder
}

async function start(folder: string): Promise<Broker> {
  const { clock, timers, random } = nodePlatform
  const settings = { ...brokerSettingsDefault, dataFolder: folder }
  const runtime = new Runtime({ settings, clock, timers, random, logger: silentLogger })
  const broker = await Broker.open(runtime, machines =>
    openFileStore({ platform: nodePlatform, folder, machines, logger: silentLogger }),
  )
  open.push(broker)
  return broker
}

async function stop(broker: Broker): Promise<void> {
  open.splice(open.indexOf(broker), 1)
  await broker.close()
}

/** What is to be found again. */
const view = ({ topics }: Broker): unknown => ({
  clusterId: topics.clusterId,
  group: topics.layers.values('group', 'g'),
  topics: Array.from(topics.all(), ({ name, id, overrides, settings, partitions }) => ({
    name,
    id,
    overrides: [...overrides],
    settings,
    logs: partitions.map(({ log }) => [log.id, log.policy]),
  })),
})

async function live({ topics }: Broker): Promise<void> {
  const make = (name: string, partitionCount: number): Promise<Topic> =>
    topics.create({ name, partitionCount, overrides: { 'segment.ms': '60000' } })
  const [orders, gone] = await Promise.all([make('orders', 2), make('gone', 3), make('other', 1)])
  await topics.grow(orders.id, 4)
  await topics.alter(orders.id, { 'cleanup.policy': 'compact', 'max.message.bytes': '5000' })
  await topics.delete(gone.id)
  await topics.configure('broker', '', { 'log.retention.ms': '3600000' })
  await topics.configure('group', 'g', { 'consumer.session.timeout.ms': '50000' })
}

test('topics and settings are there after a stop, and after another', async () => {
  const folder = await newFolder()
  const first = await start(folder)
  await live(first)
  const before = view(first)
  await stop(first)
  const second = await start(folder)
  expect(view(second)).toEqual(before)
  await stop(second)
  expect(view(await start(folder))).toEqual(before)
})

test('topics and settings are there after a crash', async () => {
  const folder = await newFolder()
  const broker = await start(folder)
  await live(broker)
  const crashed = await newFolder()
  // The files as they are at this instant: the broker was not told to stop.
  await cp(folder, crashed, { recursive: true, filter: path => !/lock/.test(path) })
  expect(view(await start(crashed))).toEqual(view(broker))
})
