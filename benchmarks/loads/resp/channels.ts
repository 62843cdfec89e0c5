import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../../test/resp/socket.ts'
import type { Outcome } from '../../harness/suite.ts'
import { Ahead, LOOK_EVERY_MS } from './ahead.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

async function subscribe(port: number, channel: string): Promise<Wire> {
  const wire = await Wire.open(port)
  await wire.ask('SUBSCRIBE', channel)
  wire.heardBytes = 0
  wire.heard = () => {} // Its bytes are counted, its lines need not be.
  return wire
}

/** Publishes as fast as all subscribers hear it. */
export async function runFanOut(settings: Settings): Promise<Outcome> {
  const { port, window, seconds, subscribers: count } = settings
  const subscribers = await Promise.all(
    Array.from({ length: count }, () => subscribe(port, 'news')),
  )
  const publisher = await Wire.open(port)
  const body = 'x'.repeat(settings.bodyBytes)
  const messageBytes = encode(['message', 'news', body]).length
  const command = encode(['PUBLISH', 'news', body])
  const heard = (): number => {
    let least = Number.POSITIVE_INFINITY
    for (const { heardBytes } of subscribers) least = Math.min(least, heardBytes)
    return Math.floor(least / messageBytes)
  }
  const ahead = new Ahead(publisher, command, window)
  const [began, endMs] = [performance.now(), seconds * 1000]
  for (; performance.now() - began < endMs; await sleep(LOOK_EVERY_MS)) ahead.send(heard())
  const rate = heard() / ((performance.now() - began) / 1000)
  for (const wire of [publisher, ...subscribers]) wire.close()
  await sleep(200)
  return { figures: { published: rate, delivered: rate * count }, messages: ahead.sent * count }
}

const OPENED_AT_ONCE = 100

/** Subscribers that hear nothing. */
export async function runIdle({ port, subscribers, seconds }: Settings): Promise<Outcome> {
  const wires: Wire[] = []
  while (wires.length < subscribers) {
    const count = Math.min(OPENED_AT_ONCE, subscribers - wires.length)
    const names = Array.from({ length: count }, (_, index) => `channel ${wires.length + index}`)
    wires.push(...(await Promise.all(names.map(name => subscribe(port, name)))))
  }
  await sleep(seconds * 1000)
  for (const wire of wires) wire.close()
  await sleep(500)
  return { figures: { subscribers: wires.length } }
}
