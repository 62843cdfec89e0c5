import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../../harness/suite.ts'
import { PacedPublisher } from './paced-publisher.ts'
import type { Settings } from './settings.ts'
import { openConsumers, openPublishers, sum, targetsOf, withQueues } from './stage.ts'

/** While it is drained, so much of the rate it was written at goes on being written. */
const GOES_ON_SHARE = 0.2
const LOOK_EVERY_MS = 50

/** Written with nobody who takes it, then taken while writing goes on, until nothing is left. */
export function backlog(settings: Settings, betweenPhases = (): void => {}): Promise<Outcome> {
  return withQueues(settings, async () => {
    const [confirmed, writeMs] = await write(settings)
    betweenPhases()
    const writeRate = (confirmed / writeMs) * 1000
    const rate = writeRate * GOES_ON_SHARE
    const begin = performance.now()
    const publisher = await PacedPublisher.open(settings, targetsOf(settings)[0]!, rate)
    const consumers = await openConsumers(settings)
    const received = (): number => sum(consumers, one => one.received)
    while (received() < confirmed + publisher.confirmed) await sleep(LOOK_EVERY_MS)
    const drainMs = performance.now() - begin
    const messages = received()
    for (const one of [publisher, ...consumers]) one.close()
    return {
      figures: {
        'written at': (writeRate * settings.bodyBytes) / 1e6,
        'drained at': ((messages / drainMs) * 1000 * settings.bodyBytes) / 1e6,
      },
      messages,
      payloadBytes: messages * settings.bodyBytes,
    }
  })
}

/** How many there are in the end, and the milliseconds it took. */
async function write(settings: Settings): Promise<[number, number]> {
  const publishers = await openPublishers(settings, targetsOf(settings))
  const confirmed = (): number => sum(publishers, one => one.confirmed)
  const begin = performance.now()
  let end = begin
  for (const publisher of publishers) {
    publisher.sentMax = Math.ceil(settings.count / publishers.length)
    publisher.pump()
  }
  // The last chunk may not fit: it stands still when all that was sent is confirmed.
  for (let last = -1; ; ) {
    const now = confirmed()
    if (now !== last) end = performance.now()
    else if (now === sum(publishers, one => one.sent)) break
    last = now
    await sleep(LOOK_EVERY_MS)
  }
  for (const publisher of publishers) publisher.close()
  return [confirmed(), end - begin]
}
