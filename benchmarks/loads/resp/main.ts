import { runFanOut, runIdle } from './channels.ts'
import { type Result, runCommands } from './commands.ts'
import { type Peer, startPeer } from './peers.ts'
import { help, type Mode, parseSettings, type Settings } from './settings.ts'

const runs: Readonly<Record<Mode, (peer: Peer, settings: Settings) => Promise<Result>>> = {
  commands: runCommands,
  'fan-out': runFanOut,
  idle: runIdle,
}

/** Starts servers and loads them in turn; prints medians and ratios as one JSON object. */
export async function run(options: string[]): Promise<void> {
  if (options.includes('--help')) return void process.stdout.write(help)
  const { peers, rounds, ...settings } = parseSettings(options)
  const results: Record<string, Result[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const name of peers) {
      const peer = await startPeer(name)
      try {
        const result = await runs[settings.mode](peer, settings)
        process.stderr.write(`${name}: ${JSON.stringify(result)}\n`)
        const list = (results[name] ??= [])
        list.push(result)
      } finally {
        await peer.stop()
      }
    }
  }
  const medians = Object.fromEntries(peers.map(name => [name, medianOf(results[name]!)]))
  const measure = medians[peers.at(-1)!]!
  const ratios = Object.fromEntries(
    peers.slice(0, -1).map(name => [`${name} / ${peers.at(-1)}`, ratioOf(medians[name]!, measure)]),
  )
  process.stdout.write(`${JSON.stringify({ ...settings, rounds, medians, ratios }, null, 2)}\n`)
}

function medianOf(results: readonly Result[]): Result {
  const medians: Result = {}
  for (const key of Object.keys(results[0]!)) {
    const values = results.map(one => one[key]!).toSorted((one, other) => one - other)
    medians[key] = values[Math.floor(values.length / 2)]!
  }
  return medians
}

const ratioOf = (one: Result, other: Result): Result =>
  Object.fromEntries(
    Object.keys(one).map(key => [key, Math.round((one[key]! / other[key]!) * 100) / 100]),
  )
