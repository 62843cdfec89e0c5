import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { published } from '../../src/broker/publish/index.ts'
import {
  accept,
  type Consumer,
  type Delivery,
  type Queue,
  type QueueSettings,
  queueSettingsDefault,
  reject,
  type Settlement,
} from '../../src/broker/queue/index.ts'
import type { ExchangeType } from '../../src/broker/routing/index.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { openFileStore } from '../../src/log/index.ts'
import type { Annotations } from '../../src/message/annotations.ts'
import { Publication } from '../../src/message/publication.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import { amqp091Mapping } from '../../src/protocols/amqp091/mapping.ts'

let folder: string
let broker: Broker

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabir-routing-'))
  await start()
})

afterEach(async () => {
  await broker.close()
  await rm(folder, { recursive: true, force: true })
})

async function start(): Promise<void> {
  const { clock, timers, random } = nodePlatform
  const settings = { ...brokerSettingsDefault, dataFolder: folder }
  const runtime = new Runtime({ settings, clock, timers, random, logger: silentLogger })
  broker = await Broker.open(runtime, machines =>
    openFileStore({ platform: nodePlatform, folder, machines, logger: silentLogger }),
  )
  broker.mappings.register(amqp091Mapping)
}

async function restart(): Promise<void> {
  await broker.close()
  await start()
}

type Wanted = { isDurable?: boolean; settings?: Partial<QueueSettings> }

function queue(name: string, { isDurable = true, settings = {} }: Wanted = {}): Queue {
  const flags = { isDurable, isAutoDelete: false, owner: null, user: 'guest' }
  const rest = { declared: {}, type: 'classic', source: null } as const
  const spec = { namespace: '/', name, ...flags, ...rest }
  return broker.queues.declare(spec, { ...queueSettingsDefault, ...settings })
}

function exchange(name: string, type: ExchangeType): void {
  const flags = { isDurable: true, isAutoDelete: false, isInternal: false }
  broker.exchanges.declare({ namespace: '/', name, type, ...flags, declared: {}, user: 'guest' })
}

const bind = (source: string, destination: string, routingKey = ''): void =>
  broker.exchanges.bind({
    namespace: '/',
    source,
    destination,
    destinationKind: 'queue',
    routingKey,
    declared: {},
  })

function publish(exchangeName: string, routingKey: string, body: string): number {
  const publication = new Publication()
  publication.addressTo(exchangeName, routingKey)
  publication.properties = Buffer.from([0, 0])
  publication.propertiesEnd = 2
  publication.body = Buffer.from(body)
  publication.bodyEnd = publication.body.length
  publication.isPersistent = true
  return broker.publisher.publish(
    broker.publisher.route('/', exchangeName, routingKey),
    publication,
  )
}

const safe = (): Promise<unknown> =>
  new Promise(resolve => {
    broker.publisher.whenSafe(resolve)
  })

const later = (): Promise<unknown> =>
  new Promise(resolve => {
    nodePlatform.timers.after(50, () => resolve(null))
  })

type Received = { body: string; exchange: string; routingKey: string; annotations: Annotations }

/** Takes messages until there are as many as expected, and settles each. */
function take(from: Queue, count: number, settlement: Settlement = accept): Promise<Received[]> {
  const received: Received[] = []
  return new Promise(resolve => {
    const consumer: Consumer = {
      name: `taker of ${from.spec.name}`,
      sessionId: 1,
      get isReady() {
        return received.length < count
      },
      deliver({ message, lane, offset }: Delivery) {
        received.push({
          body: message.body.toString('utf8', message.bodyStart, message.bodyEnd),
          exchange: message.exchange(),
          routingKey: message.routingKey(),
          annotations: message.annotations(),
        })
        from.settle(lane, offset, settlement)
        if (received.length < count) return
        from.detach(consumer)
        resolve(received)
      },
      cancelled() {},
    }
    from.attach(consumer, { isAutoAccepted: false, isExclusive: false, priority: 0 })
  })
}

describe('a message', () => {
  test('goes through an exchange to queues and topics, and survives a restart', async () => {
    exchange('x', 'topic')
    queue('q1')
    queue('q2')
    await broker.topics.create({ name: 'plain', partitionCount: 1, overrides: {} })
    bind('x', 'q1', 'a.*')
    bind('x', 'q2', '#')
    bind('x', 'plain', 'a.#')
    expect(publish('x', 'a.b', '1')).toBe(published.routed | published.sync)
    publish('x', 'c', '2')
    expect(await safe()).toBe(null)
    await restart()
    publish('x', 'a.c', '3')
    const bodies = async (name: string, count: number): Promise<string[]> => {
      const taken = await take(broker.queues.find('/', name)!, count)
      return taken.map(({ body }) => body)
    }
    expect(await bodies('q1', 2)).toEqual(['1', '3'])
    expect(await bodies('q2', 3)).toEqual(['1', '2', '3'])
    expect(broker.topics.byName('plain')!.partitions[0]!.log.confirmedEnd).toBe(2)
  })

  test('that is rejected goes on as a dead letter', async () => {
    const dead = queue('dead')
    const settings = { deadLetterExchange: '', deadLetterRoutingKey: 'dead' }
    const alive = queue('alive', { settings })
    publish('', 'alive', 'm')
    await take(alive, 1, reject)
    await safe()
    const [letter] = await take(dead, 1)
    expect(letter).toMatchObject({ body: 'm', exchange: '', routingKey: 'dead' })
    expect(letter!.annotations.deaths).toMatchObject([
      { queue: 'alive', reason: 'rejected', count: 1, exchange: '', routingKeys: ['alive'] },
    ])
    expect(alive.readyCount + alive.unsettledCount).toBe(0)
  })

  test('goes round with rejections and expiries until somebody takes it', async () => {
    const work = queue('work', {
      settings: { deadLetterExchange: '', deadLetterRoutingKey: 'retry' },
    })
    const settings = { deadLetterExchange: '', deadLetterRoutingKey: 'work', messageTtlMs: 5 }
    queue('retry', { settings })
    publish('', 'work', 'm')
    await take(work, 3, reject)
    const [letter] = await take(work, 1)
    expect(letter!.annotations.deaths).toMatchObject([
      { queue: 'retry', reason: 'expired', count: 3 },
      { queue: 'work', reason: 'rejected', count: 3 },
    ])
  })

  test('that overflows drops the head to a full queue after it', async () => {
    queue('last')
    const toLast = { deadLetterExchange: '', deadLetterRoutingKey: 'last', lengthMax: 1 }
    const toSecond = { deadLetterExchange: '', deadLetterRoutingKey: 'second', lengthMax: 1 }
    queue('second', { settings: toLast })
    queue('first', { settings: toSecond })
    for (const body of ['1', '2', '3', '4']) publish('', 'first', body)
    await safe()
    await later()
    const taken = async (name: string, count: number): Promise<string[]> => {
      const found = await take(broker.queues.find('/', name)!, count)
      return found.map(({ body }) => body)
    }
    expect(await taken('first', 1)).toEqual(['4'])
    expect(await taken('second', 1)).toEqual(['3'])
    expect(await taken('last', 2)).toEqual(['1', '2'])
  })

  test('that may not be lost waits in its queue while nobody takes its letter', async () => {
    const settings = {
      deadLetterExchange: 'later',
      deadLetterStrategy: 'at-least-once',
      overflow: 'reject-publish',
      messageTtlMs: 5,
    } as const
    const source = queue('source', { settings })
    publish('', 'source', 'm')
    await safe()
    await later()
    expect(source.readyCount + source.unsettledCount).toBe(1)
  })
})

describe('what belongs to queues that end', () => {
  test('ends with them, also when the broker starts again', async () => {
    exchange('x', 'fanout')
    queue('durable')
    queue('transient', { isDurable: false })
    const gone = queue('gone')
    for (const name of ['durable', 'transient', 'gone']) bind('x', name)
    broker.queues.delete(gone)
    await safe()
    await restart()
    const names = [...broker.exchanges.bindingsFrom('/', 'x')].map(({ destination }) => destination)
    expect(names).toEqual(['durable'])
    expect(publish('', 'transient', 'm')).toBe(0)
  })
})

test('a trace is a message like any other', async () => {
  const traces = queue('traces')
  queue('q')
  bind('amq.rabbitmq.trace', 'traces', 'publish.#')
  broker.namespaces.setTraced('/', true)
  publish('', 'q', 'm')
  const [trace] = await take(traces, 1)
  expect(trace).toMatchObject({ body: 'm', routingKey: 'publish.' })
})
