import { startPeer } from './peers.ts'
import { runs, type Result } from './runs.ts'
import { help, parseSettings } from './settings.ts'

/** Loads one running broker, or starts several and loads them in turn; prints one JSON object. */
export async function run(options: string[]): Promise<void> {
  if (options.includes('--help')) return void process.stdout.write(help)
  const { peers, rounds, ...settings } = parseSettings(options)
  if (peers.length === 0) {
    const result = await runs[settings.mode](settings)
    process.stdout.write(`${JSON.stringify({ ...settings, result }, null, 2)}\n`)
    return
  }
  const results: Record<string, Result[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const name of peers) {
      const peer = await startPeer(name)
      const result = await runs[settings.mode]({ ...settings, port: peer.port })
      const full = { ...result, memoryPeakMb: peer.memoryPeak() }
      await peer.stop()
      process.stderr.write(`${name}: ${JSON.stringify(full)}\n`)
      const list = (results[name] ??= [])
      list.push(full)
    }
  }
  const medians = Object.fromEntries(peers.map(name => [name, medianOf(results[name]!)]))
  process.stdout.write(`${JSON.stringify({ ...settings, rounds, medians, results }, null, 2)}\n`)
}

function medianOf(results: readonly Result[]): Result {
  const medians: Record<string, number> = {}
  for (const key of Object.keys(results[0]!)) {
    const values = results.map(one => one[key]!).sort((a, b) => a - b)
    medians[key] = values[Math.floor(values.length / 2)]!
  }
  return medians
}
