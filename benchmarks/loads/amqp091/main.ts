import type { Outcome } from '../../harness/suite.ts'
import { backlog } from './backlog.ts'
import { latency, latencyNearMaximum, ping } from './latency.ts'
import { runPerfTest } from './perf-test.ts'
import { help, type Mode, parseSettings, type Settings } from './settings.ts'
import { both, fanOut, publish } from './throughput.ts'

const runs: Readonly<Record<Mode, (settings: Settings) => Promise<Outcome>>> = {
  publish,
  both,
  'fan-out': fanOut,
  latency,
  'latency-80': latencyNearMaximum,
  ping,
  backlog,
  'perf-test': runPerfTest,
}

/** Loads a broker that is running; prints one JSON object. */
export async function run(options: string[]): Promise<void> {
  if (options.includes('--help')) return void process.stdout.write(help)
  const settings = parseSettings(options)
  const result = await runs[settings.mode](settings)
  process.stdout.write(`${JSON.stringify({ ...settings, result }, null, 2)}\n`)
}
