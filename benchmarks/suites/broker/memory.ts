import { setTimeout as sleep } from 'node:timers/promises'
import type { Subject } from '../../harness/side.ts'
import type { Figure, Outcome, Suite, Workload } from '../../harness/suite.ts'
import type { Client } from './clients.ts'
import { type Pair, pairs } from './pairs.ts'

const MANY = 1000
/** What a collector of garbage gets to settle down. */
const SETTLE_MS = 3000
/** Of what each load is measured: ten seconds, unless it is said otherwise. */
const IDLE_SHARE = 2

/** Idle, a Kafka broker is to have four times as much. */
const targets = { kafka: 0.25 }
const resident: Figure = { name: 'resident', unit: 'MB', better: 'less' }
const each: Figure = { name: 'each', unit: 'kB', better: 'less' }
const atStart: Figure = { name: 'resident at the start', unit: 'MB', better: 'less' }

function memorySuite({ name, title, client, sides }: Pair): Suite {
  return {
    name: `memory-${name}`,
    title: `Memory idle, beside ${title}`,
    load: 'none: what is resident of all processes of the server, which is started anew each time.',
    sides,
    isFreshEach: true,
    workloads: [idle, manyThings(client), manyConnections(client)],
  }
}

const idle: Workload = {
  name: 'idle',
  group: 'resident',
  isFromStart: true,
  figures: [{ ...resident, targets }, atStart],
  run: async (subject, { seconds }) => {
    const first = megabytes(subject)
    await sleep(seconds * IDLE_SHARE * 1000)
    const remark = `${seconds * IDLE_SHARE} s after the start`
    return { figures: { resident: megabytes(subject), [atStart.name]: first }, remark }
  },
}

const manyThings = (client: Client): Workload => ({
  name: `${MANY.toLocaleString('en-US')} ${client.things}`,
  group: 'resident',
  isFromStart: true,
  figures: [resident, each],
  run: subject => growth(subject, () => client.create(subject.port, MANY)),
})

const manyConnections = (client: Client): Workload => ({
  name: `${MANY.toLocaleString('en-US')} idle connections`,
  group: 'resident',
  isFromStart: true,
  figures: [resident, each],
  run: async subject => {
    const open: { close(): void }[] = []
    const outcome = await growth(subject, async () => {
      while (open.length < MANY) open.push(await client.connect(subject.port))
    })
    for (const connection of open) connection.close()
    return outcome
  },
})

/** What is resident once a thousand were made, and what each of them added. */
async function growth(subject: Subject, make: () => Promise<void>): Promise<Outcome> {
  await sleep(SETTLE_MS)
  const before = megabytes(subject)
  await make()
  await sleep(SETTLE_MS)
  const after = megabytes(subject)
  return { figures: { resident: after, each: ((after - before) * 1000) / MANY } }
}

const megabytes = (subject: Subject): number => subject.usage().residentBytes / 1e6

export const memorySuites: readonly Suite[] = pairs.map(memorySuite)
