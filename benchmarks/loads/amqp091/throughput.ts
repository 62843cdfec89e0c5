import type { Outcome } from '../../harness/suite.ts'
import type { Publisher } from './publisher.ts'
import type { Settings } from './settings.ts'
import {
  openConsumers,
  openPublishers,
  queueName,
  rateOf,
  sum,
  targetsOf,
  withQueues,
} from './stage.ts'

/** Published and confirmed, with nobody who takes them. */
export function publish(settings: Settings): Promise<Outcome> {
  return withQueues(settings, async () => {
    const publishers = await openPublishers(settings, targetsOf(settings))
    const confirmed = (): number => sum(publishers, one => one.confirmed)
    for (const publisher of publishers) publisher.pump()
    const published = await rateOf(settings, confirmed)
    for (const publisher of publishers) publisher.close()
    const messages = confirmed()
    return { figures: { published }, messages, payloadBytes: messages * settings.bodyBytes }
  })
}

/** Published with confirms, handed out, acknowledged. */
export function both(settings: Settings): Promise<Outcome> {
  return withQueues(settings, async () => {
    const consumers = await openConsumers(settings)
    const publishers = await openPublishers(settings, targetsOf(settings))
    const received = (): number => sum(consumers, one => one.received)
    const steering = steer(settings, publishers, received)
    const delivered = await rateOf(settings, received)
    clearInterval(steering)
    for (const one of [...publishers, ...consumers]) one.close()
    return { figures: { delivered }, messages: received() }
  })
}

const EXCHANGE = 'bench'

/** One exchange, of which each queue has every message. */
export function fanOut(settings: Settings): Promise<Outcome> {
  return withQueues(settings, async wire => {
    await wire.declareFanout(EXCHANGE)
    for (let index = 0; index < settings.queues; index++)
      await wire.bind(queueName(index), EXCHANGE)
    const consumers = await openConsumers(settings)
    const targets = [{ exchange: EXCHANGE, routingKey: '' }]
    const window = Math.max(Math.ceil(settings.window / settings.queues), 1)
    const publishers = await openPublishers({ ...settings, window }, targets)
    const received = (): number => sum(consumers, one => one.received)
    const steering = steer(settings, publishers, () => received() / settings.queues)
    const delivered = await rateOf(settings, received)
    clearInterval(steering)
    for (const one of [...publishers, ...consumers]) one.close()
    await wire.deleteExchange(EXCHANGE)
    return { figures: { delivered }, messages: received() }
  })
}

/** Publishers go no further ahead of consumers than this: it is not to become a backlog. */
const AHEAD_MAX = 200_000
const AHEAD_BYTES_MAX = 32 * 1024 * 1024
const STEER_EVERY_MS = 5

function steer(
  settings: Settings,
  publishers: readonly Publisher[],
  taken: () => number,
): NodeJS.Timeout {
  const ahead = Math.min(AHEAD_MAX, Math.ceil(AHEAD_BYTES_MAX / settings.bodyBytes))
  return setInterval(() => {
    const share = Math.floor((taken() + ahead) / publishers.length)
    for (const publisher of publishers) {
      publisher.sentMax = share
      publisher.pump()
    }
  }, STEER_EVERY_MS)
}
