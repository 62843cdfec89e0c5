import { setTimeout as sleep } from 'node:timers/promises'
import { channelOpen } from '../../../src/protocols/amqp091/schema/index.ts'
import { SocketClient } from '../../amqp091/socket-client.ts'
import type { Ledger } from './ledger.ts'
import type { Scene } from './scene.ts'
import { DELAY_MS_MAX, MARKS, queues, readyCount } from './topology.ts'

/** Without anything that still comes. */
const DRAIN_MS_MAX = 60_000
/** Longer than it takes until a dead letter that nobody could take is tried again. */
const DUE_MS_MAX = 15_000
/** What was delayed, and what came about by a connection that is gone. */
const CALM_MS = DELAY_MS_MAX + 400
/**
 * So often in a row all queues are empty and nothing came. What a client or the broker has in its
 * hands is in no count, and a busy machine may keep it there: each look is a turn of both.
 */
const CALM_LOOKS = 20

/** Everything is acknowledged; then every queue is empty and nothing is due. */
export async function drain(scene: Scene): Promise<void> {
  const { ledger } = scene
  scene.mode = 'drain'
  await sleep(CALM_MS)
  await withClient(scene, client => untilCalm(client, ledger))
  await untilNothingIsDue(ledger)
  ledger.drained()
  scene.mode = 'load'
}

async function untilCalm(client: SocketClient, ledger: Ledger): Promise<void> {
  let observed = -1
  let looks = 0
  let since = performance.now()
  for (; looks < CALM_LOOKS; await sleep(20)) {
    const counts = await Promise.all(
      Object.keys(queues)
        .filter(name => name !== MARKS)
        .map(async name => ({ name, count: await readyCount(client, name) })),
    )
    const full = counts.filter(({ count }) => count > 0)
    const isCalm = full.length === 0 && ledger.observed === observed
    looks = isCalm ? looks + 1 : 0
    if (ledger.observed !== observed) since = performance.now()
    observed = ledger.observed
    if (!isCalm && performance.now() - since > DRAIN_MS_MAX)
      throw new Error(`not drained: ${full.map(({ name, count }) => `${name} ${count}`).join()}`)
  }
}

async function untilNothingIsDue(ledger: Ledger): Promise<void> {
  let left = ledger.due.length
  let since = performance.now()
  while (left > 0 && performance.now() - since < DUE_MS_MAX) {
    await sleep(20)
    const now = ledger.due.length
    if (now !== left) since = performance.now()
    left = now
  }
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
