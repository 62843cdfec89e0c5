import type { Suite, Workload } from '../../harness/suite.ts'
import { BODY_BYTES, type Client } from './clients.ts'
import { type Pair, pairs } from './pairs.ts'

/** Of the size of a backlog: a gigabyte, unless it is said otherwise. */
const SHARE = 0.1
const SECONDS_MAX = 900

function recoverySuite({ name, title, client, sides }: Pair): Suite {
  return {
    name: `recovery-${name}`,
    title: `Recovery after SIGKILL, beside ${title}`,
    load:
      'Our generator: messages of 1 KiB until all are acknowledged (and, with everysec, a second ' +
      'later), then SIGKILL to all processes of the server and a start on what they left. Times ' +
      "are from the command on; the system's cache survives, as it does when a process dies.",
    sides,
    isFreshEach: true,
    workloads: [recovery(client)],
  }
}

const recovery = (client: Client): Workload => ({
  name: 'killed and started',
  secondsMax: SECONDS_MAX,
  figures: [
    { name: 'first message', unit: 'ms', better: 'less' },
    { name: 'first client', unit: 'ms', better: 'less' },
  ],
  prepare: (subject, { backlogBytes }) => client.fill(subject.port, messagesOf(backlogBytes)),
  run: async (subject, { backlogBytes }) => {
    await subject.killAndRestart()
    const began = performance.now()
    await client.takeFirst(subject.port)
    const ready = subject.readyMs
    return {
      figures: { 'first client': ready, 'first message': ready + performance.now() - began },
      remark: `${messagesOf(backlogBytes).toLocaleString('en-US')} messages of 1 KiB before`,
    }
  },
})

const messagesOf = (backlogBytes: number): number => Math.ceil((backlogBytes * SHARE) / BODY_BYTES)

export const recoverySuites: readonly Suite[] = pairs.map(recoverySuite)
