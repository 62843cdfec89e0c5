import type { Subject } from '../../harness/side.ts'
import { warmedBy } from '../../harness/warmed.ts'
import {
  benchmarkCommands,
  prepareRedisBenchmark,
  runRedisBenchmark,
} from '../../loads/resp/redis-benchmark.ts'
import { settingsDefault } from '../../loads/resp/settings.ts'

/** Of each command: some hundred thousand of them, after which the rates stay what they are. */
const SECONDS = 1.5

async function warmUp({ port }: Subject): Promise<void> {
  for (const command of benchmarkCommands) {
    const settings = { ...settingsDefault, port, command, seconds: SECONDS }
    await prepareRedisBenchmark(settings)
    await runRedisBenchmark(settings)
  }
}

export const warmed = warmedBy(warmUp)
