import type { Outcome } from '../../harness/suite.ts'
import { runBacklog } from './backlog.ts'
import { runFanOut, runIdle } from './channels.ts'
import { runGroup, runPops } from './consumers.ts'
import { runLatency } from './latency.ts'
import { prepareRedisBenchmark, runRedisBenchmark } from './redis-benchmark.ts'
import { help, type Mode, parseSettings, type Settings } from './settings.ts'

const runs: Readonly<Record<Mode, (settings: Settings) => Promise<Outcome>>> = {
  commands: async settings => {
    await prepareRedisBenchmark(settings)
    return runRedisBenchmark(settings)
  },
  'fan-out': runFanOut,
  idle: runIdle,
  pops: runPops,
  group: runGroup,
  latency: runLatency,
  backlog: runBacklog,
}

/** Loads a server that is running; prints one JSON object. */
export async function run(options: string[]): Promise<void> {
  if (options.includes('--help')) return void process.stdout.write(help)
  const settings = parseSettings(options)
  const result = await runs[settings.mode](settings)
  process.stdout.write(`${JSON.stringify({ ...settings, result }, null, 2)}\n`)
}
