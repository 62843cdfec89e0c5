import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../../harness/suite.ts'
import { Latencies } from '../latencies.ts'
import { publishFrames } from './frames.ts'
import { PacedPublisher } from './paced-publisher.ts'
import type { Settings } from './settings.ts'
import { openConsumers, sum, targetsOf, withQueues } from './stage.ts'
import { both } from './throughput.ts'
import { Wire } from './wire.ts'

/** Less of the rate than this, and a latency would only say how long it was tried. */
const REACHED_SHARE = 0.95

/** Published at a rate, with confirms, and acknowledged: from when it was due until it came. */
export function latency(settings: Settings): Promise<Outcome> {
  return withQueues(settings, async () => {
    const latencies = new Latencies()
    let countedFrom = Number.POSITIVE_INFINITY
    const consumers = await openConsumers(settings, (bytes, start) => {
      const due = PacedPublisher.dueOf(bytes, start)
      if (due >= countedFrom) latencies.add(performance.now() - due)
    })
    const received = (): number => sum(consumers, one => one.received)
    const publisher = await PacedPublisher.open(settings, targetsOf(settings)[0]!, settings.rate)
    await sleep(settings.warmupSeconds * 1000)
    const [begin, first] = [performance.now(), received()]
    countedFrom = begin
    await sleep(settings.seconds * 1000)
    const reached = Math.round((received() - first) / ((performance.now() - begin) / 1000))
    for (const one of [publisher, ...consumers]) one.close()
    const outcome = { figures: { reached }, messages: received() }
    if (reached >= settings.rate * REACHED_SHARE)
      return { ...outcome, figures: { reached, ...latencies.percentiles } }
    const [got, asked] = [reached, settings.rate].map(rate => rate.toLocaleString('en-US'))
    return { ...outcome, remark: `${got} of ${asked} msg/s were reached: no latency is told` }
  })
}

const SHARE_OF_MAXIMUM = 0.8

/** First as fast as possible, then at most of what that was. */
export async function latencyNearMaximum(settings: Settings): Promise<Outcome> {
  const most = await both(settings)
  const rate = Math.floor(most.figures['delivered']! * SHARE_OF_MAXIMUM)
  const { figures, messages } = await latency({ ...settings, rate })
  return { figures, messages: messages! + most.messages! }
}

/** One message at a time, each waited for. */
export function ping(settings: Settings): Promise<Outcome> {
  return withQueues(settings, async () => {
    const wire = await Wire.open(settings.host, settings.port)
    await wire.confirms()
    const body = Buffer.alloc(settings.bodyBytes, 'x')
    const bytes = publishFrames(targetsOf(settings)[0]!, body, true)
    const latencies = new Latencies()
    const begin = performance.now()
    const counted = begin + settings.warmupSeconds * 1000
    const end = counted + settings.seconds * 1000
    let messages = 0
    for (let now = begin; now < end; messages++) {
      const sent = now
      await new Promise<void>(resolve => {
        wire.handlers = { acked: () => resolve() }
        wire.write(bytes)
      })
      now = performance.now()
      if (sent >= counted) latencies.add(now - sent)
    }
    wire.close()
    return { figures: latencies.percentiles, messages }
  })
}
