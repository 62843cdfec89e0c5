import { setTimeout as sleep } from 'node:timers/promises'
import { Latencies } from '../latencies.ts'
import { publishFrames } from './frames.ts'
import { Consumer, Publisher, queueName } from './load.ts'
import { runPerfTest } from './perf-test.ts'
import type { Mode, Settings } from './settings.ts'
import { Wire } from './wire.ts'

/** Numbers of one run: rates are messages a second. */
export type Result = Readonly<Record<string, number>>

export const runs: Readonly<Record<Mode, (settings: Settings) => Promise<Result>>> = {
  publish: runPublish,
  both: runBoth,
  ping: runPing,
  backlog: runBacklog,
  'perf-test': runPerfTest,
}

async function withQueues<T>(settings: Settings, run: () => Promise<T>): Promise<T> {
  const wire = await Wire.open(settings.host, settings.port)
  for (let index = 0; index < settings.queues; index++) await wire.declare(queueName(index))
  const result = await run()
  for (let index = 0; index < settings.queues; index++) await wire.delete(queueName(index))
  wire.close()
  return result
}

const openPublishers = (settings: Settings): Promise<Publisher[]> =>
  Promise.all(Array.from({ length: settings.publishers }, () => Publisher.open(settings)))

const openConsumers = (settings: Settings): Promise<Consumer[]> =>
  Promise.all(
    Array.from({ length: settings.consumers }, (_, index) =>
      Consumer.open(settings, queueName(index % settings.queues)),
    ),
  )

const sum = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((total, one) => total + of(one), 0)

/** How fast a count rises after the warm-up. */
async function rateOf(settings: Settings, count: () => number): Promise<number> {
  await sleep(settings.warmupSeconds * 1000)
  const [begin, first] = [performance.now(), count()]
  await sleep(settings.seconds * 1000)
  return Math.round((count() - first) / ((performance.now() - begin) / 1000))
}

function runPublish(settings: Settings): Promise<Result> {
  return withQueues(settings, async () => {
    const publishers = await openPublishers(settings)
    for (const publisher of publishers) publisher.pump()
    const confirmed = await rateOf(settings, () => sum(publishers, one => one.confirmed))
    for (const publisher of publishers) publisher.close()
    return { confirmed }
  })
}

/** Publishers go no further ahead of consumers than this: it is not to become a backlog. */
const AHEAD_MAX = 200_000
const AHEAD_BYTES_MAX = 32 * 1024 * 1024

function runBoth(settings: Settings): Promise<Result> {
  return withQueues(settings, async () => {
    const consumers = await openConsumers(settings)
    const publishers = await openPublishers(settings)
    const received = (): number => sum(consumers, one => one.received)
    const ahead = Math.min(AHEAD_MAX, Math.ceil(AHEAD_BYTES_MAX / settings.bodyBytes))
    const steering = setInterval(() => {
      const share = Math.floor((received() + ahead) / publishers.length)
      for (const publisher of publishers) {
        publisher.sentMax = share
        publisher.pump()
      }
    }, 5)
    const delivered = await rateOf(settings, received)
    clearInterval(steering)
    for (const one of [...publishers, ...consumers]) one.close()
    return { delivered }
  })
}

function runPing(settings: Settings): Promise<Result> {
  return withQueues(settings, async () => {
    const wire = await Wire.open(settings.host, settings.port)
    await wire.confirms()
    const bytes = publishFrames(queueName(0), Buffer.alloc(settings.bodyBytes, 'x'), true)
    const latencies = new Latencies()
    const begin = performance.now()
    const counted = begin + settings.warmupSeconds * 1000
    const end = counted + settings.seconds * 1000
    let count = 0
    for (let now = begin; now < end; ) {
      const sent = now
      await new Promise<void>(resolve => {
        wire.handlers = { acked: () => resolve() }
        wire.write(bytes)
      })
      now = performance.now()
      if (sent < counted) continue
      latencies.add(now - sent)
      count++
    }
    wire.close()
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map(share => latencies.quantile(share))
    return { count, p50: p50!, p99: p99!, p999: p999! }
  })
}

function runBacklog(settings: Settings): Promise<Result> {
  return withQueues(settings, async () => {
    const publishers = await openPublishers(settings)
    const begin = performance.now()
    for (const publisher of publishers) {
      publisher.sentMax = Math.ceil(settings.count / publishers.length)
      publisher.pump()
    }
    let confirmed = -1
    // The last chunk may not fit: it stands still when all that was sent is confirmed.
    for (;;) {
      const now = sum(publishers, one => one.confirmed)
      if (now === confirmed && now === sum(publishers, one => one.sent)) break
      confirmed = now
      await sleep(200)
    }
    const written = (performance.now() - begin) / 1000
    for (const publisher of publishers) publisher.close()
    const consumers = await openConsumers(settings)
    const drained = performance.now()
    while (sum(consumers, one => one.received) < confirmed) await sleep(20)
    const seconds = (performance.now() - drained) / 1000
    for (const consumer of consumers) consumer.close()
    return {
      count: confirmed,
      published: Math.round(confirmed / written),
      drained: Math.round(confirmed / seconds),
    }
  })
}
