import { setTimeout as sleep } from 'node:timers/promises'
import { channelOpen } from '../../../src/protocols/amqp091/schema/index.ts'
import { SocketClient } from '../../amqp091/socket-client.ts'
import type { Scene } from './scene.ts'
import { DELAY_MS_MAX, queues, readyCount } from './topology.ts'

const DRAIN_MS_MAX = 60_000
/** What was delayed, and what came about by a connection that is gone. */
const CALM_MS = DELAY_MS_MAX + 400

/** Everything is acknowledged; then every queue is empty and nothing is due. */
export async function drain(scene: Scene): Promise<void> {
  const { ledger } = scene
  scene.mode = 'drain'
  await sleep(CALM_MS)
  const deadline = performance.now() + DRAIN_MS_MAX
  await withClient(scene, async client => {
    for (;;) {
      const counts = await Promise.all(
        Object.keys(queues)
          .filter(name => name !== 'marks')
          .map(async name => ({ name, count: await readyCount(client, name) })),
      )
      const full = counts.filter(({ count }) => count > 0)
      // What is in flight to consumers is in no count; its acknowledgement is known soon after.
      if (full.length === 0) break
      if (performance.now() > deadline)
        throw new Error(`not drained: ${full.map(({ name, count }) => `${name} ${count}`).join()}`)
      await sleep(20)
    }
  })
  // A dead letter nobody could take is tried again after seconds.
  for (let waited = 0; ledger.due.length > 0 && waited < 750; waited++) await sleep(20)
  ledger.drained()
  scene.mode = 'load'
}

/** Throws the first contradiction. */
export function complain({ ledger }: Scene): void {
  const [first, ...others] = ledger.complaints
  if (first === undefined) return
  throw new Error(
    `${first} (and ${others.length} more)${others
      .slice(0, 8)
      .map(line => `\n    ${line}`)
      .join('')}`,
  )
}

export async function withClient(scene: Scene, use: (client: SocketClient) => Promise<void>) {
  const client = await SocketClient.open({ port: scene.port })
  try {
    await client.ask(1, channelOpen, {})
    await use(client)
  } finally {
    client.destroy()
  }
}
