import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer } from './consumer.ts'
import type { Target } from './frames.ts'
import { Publisher } from './publisher.ts'
import type { Settings } from './settings.ts'
import { type Handlers, Wire } from './wire.ts'

export const queueName = (index: number): string => `bench-${index}`

const queueNames = ({ queues }: Settings): string[] =>
  Array.from({ length: queues }, (_, index) => queueName(index))

/** The settings' queues, through the default exchange. */
export const targetsOf = (settings: Settings): Target[] =>
  queueNames(settings).map(routingKey => ({ exchange: '', routingKey }))

/** Runs with the settings' queues declared, durable, and deletes them. */
export async function withQueues<T>(
  settings: Settings,
  run: (wire: Wire) => Promise<T>,
): Promise<T> {
  const wire = await Wire.open(settings.host, settings.port)
  const names = queueNames(settings)
  for (const name of names) await wire.declare(name)
  const result = await run(wire)
  for (const name of names) await wire.delete(name)
  wire.close()
  return result
}

export const openPublishers = (
  settings: Settings,
  targets: readonly Target[],
): Promise<Publisher[]> =>
  Promise.all(Array.from({ length: settings.publishers }, () => Publisher.open(settings, targets)))

/** Queues are dealt out to the connections. */
export function openConsumers(settings: Settings, body?: Handlers['body']): Promise<Consumer[]> {
  const names = queueNames(settings)
  return Promise.all(
    Array.from({ length: settings.consumers }, (_, consumer) => {
      const own = names.filter((__, index) => index % settings.consumers === consumer)
      // With more consumers than queues several share one.
      return Consumer.open(
        settings,
        own.length > 0 ? own : [queueName(consumer % names.length)],
        body,
      )
    }),
  )
}

export const sum = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((total, one) => total + of(one), 0)

/** How fast a count rises after the warm-up: per second. */
export async function rateOf(settings: Settings, count: () => number): Promise<number> {
  await sleep(settings.warmupSeconds * 1000)
  const [begin, first] = [performance.now(), count()]
  await sleep(settings.seconds * 1000)
  return Math.round((count() - first) / ((performance.now() - begin) / 1000))
}
