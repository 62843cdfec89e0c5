import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../../test/resp/socket.ts'
import type { Result } from './commands.ts'
import type { Peer } from './peers.ts'
import type { Settings } from './settings.ts'

/** A subscriber counts bytes: taking replies apart would cost more than sending them. */
type Subscriber = { readonly socket: Socket; heardBytes: number }

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return socket
}

async function subscribe(port: number, channel: string): Promise<Subscriber> {
  const socket = await open(port)
  const subscriber = { socket, heardBytes: 0 }
  await new Promise<void>(resolve => {
    socket.once('data', () => resolve())
    socket.write(encode(['SUBSCRIBE', channel]))
  })
  socket.on('data', bytes => (subscriber.heardBytes += bytes.length))
  return subscriber
}

/** Publishes as fast as all subscribers hear it. */
export async function runFanOut(peer: Peer, settings: Settings): Promise<Result> {
  const result: Result = {}
  for (const sizeBytes of settings.sizesBytes) {
    const subscribers = await Promise.all(
      Array.from({ length: settings.subscribers }, () => subscribe(peer.port, 'news')),
    )
    const rate = await publish(peer, settings, sizeBytes, subscribers)
    result[`published, ${sizeBytes} B`] = Math.round(rate)
    result[`delivered, ${sizeBytes} B`] = Math.round(rate * settings.subscribers)
    for (const { socket } of subscribers) socket.destroy()
    await sleep(200)
  }
  return result
}

async function publish(
  { port }: Peer,
  { window, seconds }: Settings,
  sizeBytes: number,
  subscribers: readonly Subscriber[],
): Promise<number> {
  const publisher = await open(port)
  publisher.on('data', () => {})
  const body = 'x'.repeat(sizeBytes)
  const messageBytes = encode(['message', 'news', body]).length
  const command = encode(['PUBLISH', 'news', body])
  const heard = (): number => {
    let least = Number.POSITIVE_INFINITY
    for (const { heardBytes } of subscribers) least = Math.min(least, heardBytes)
    return Math.floor(least / messageBytes)
  }
  let sent = 0
  const [began, endMs] = [performance.now(), seconds * 1000]
  while (performance.now() - began < endMs) {
    const count = window - (sent - heard())
    if (count > 0) {
      publisher.write(Buffer.concat(Array.from({ length: count }, () => command)))
      sent += count
    }
    await new Promise(resolve => setImmediate(resolve))
  }
  const rate = heard() / ((performance.now() - began) / 1000)
  publisher.destroy()
  return rate
}

const OPENED_AT_ONCE = 100

/** What subscribers cost that hear nothing. */
export async function runIdle(peer: Peer, settings: Settings): Promise<Result> {
  const before = peer.memory()
  const subscribers: Subscriber[] = []
  for (let index = 0; index < settings.subscribers; index += OPENED_AT_ONCE) {
    const some = Array.from({ length: OPENED_AT_ONCE }, (_, one) => `channel ${index + one}`)
    subscribers.push(...(await Promise.all(some.map(name => subscribe(peer.port, name)))))
  }
  await sleep(3000)
  const result = { 'MB before': before, 'MB with subscribers': peer.memory() }
  for (const { socket } of subscribers) socket.destroy()
  await sleep(500)
  return result
}
