import type { Subject } from '../../harness/side.ts'
import type { Workload } from '../../harness/suite.ts'
import { prepareRedisBenchmark, runRedisBenchmark } from '../../loads/resp/redis-benchmark.ts'
import { settingsDefault } from '../../loads/resp/settings.ts'

/** Of each command: some hundred thousand of them, after which the rates stay what they are. */
const SECONDS = 1.5
const commands = ['LPUSH', 'RPOP', 'XADD', 'PUBLISH', 'SET', 'GET', 'INCR', 'HSET', 'ZADD']

const warm = new WeakSet<Subject>()

/**
 * What a server does for the first time is not counted, whichever workload is its first: code is
 * compiled, memory and files are made.
 */
export function warmed(workload: Workload): Workload {
  return {
    ...workload,
    prepare: async (subject, settings) => {
      if (!warm.has(subject)) await warmUp(subject)
      warm.add(subject)
      await workload.prepare?.(subject, settings)
    },
  }
}

async function warmUp({ port }: Subject): Promise<void> {
  for (const command of commands) {
    const settings = { ...settingsDefault, port, command, seconds: SECONDS }
    await prepareRedisBenchmark(settings)
    await runRedisBenchmark(settings)
  }
}
