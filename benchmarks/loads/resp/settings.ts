import { givenOptions, kindsOf } from '../options.ts'

const modes = ['commands', 'fan-out', 'idle', 'pops', 'group', 'latency', 'backlog'] as const
export type Mode = (typeof modes)[number]

export type Settings = {
  readonly mode: Mode
  readonly port: number
  /** Of redis-benchmark: one of `benchmarkCommands`, and what each connection sends at once. */
  readonly command: string
  readonly pipeline: number
  /** Keys that LPUSH and XADD are dealt out to. */
  readonly keys: number
  readonly bodyBytes: number
  readonly connections: number
  readonly subscribers: number
  /** How many wait in BRPOP, or read as members of a group. */
  readonly consumers: number
  /** Written ahead of what was heard of. */
  readonly window: number
  readonly seconds: number
  /** Commands a second, where the rate is fixed. */
  readonly rate: number
  /** How much a backlog has. */
  readonly backlogBytes: number
}

export const settingsDefault: Settings = {
  mode: 'commands',
  port: 6379,
  command: 'LPUSH',
  pipeline: 16,
  keys: 1,
  bodyBytes: 16,
  connections: 50,
  subscribers: 100,
  consumers: 10,
  window: 1000,
  seconds: 5,
  rate: 10_000,
  backlogBytes: 1e9,
}

export const help = `npm run load -- resp [options]

Load to a server for Redis' clients that is running. All its keys are deleted first.

  --mode commands          redis-benchmark with --command
         fan-out           PUBLISH to --subscribers of one channel
         idle              --subscribers that hear nothing, for --seconds
         pops              LPUSH, and --consumers that wait in BRPOP
         group             XADD, and --consumers that XREADGROUP and XACK
         latency           LPUSH at --rate a second, from when it was due to its reply
         backlog           LPUSH of --backlog-bytes, then RPOP while writing goes on
  --port                   default 6379
  --command                PUBLISH, LPUSH, RPOP, XADD, SET, GET, INCR, HSET, ZADD; default LPUSH
  --pipeline               sent at once by each connection, mode commands; default 16
  --keys                   that LPUSH and XADD are dealt out to; default 1
  --body-bytes             default 16
  --connections            modes commands and latency; default 50
  --subscribers            default 100
  --consumers              default 10
  --window                 written ahead of what came back; default 1000
  --seconds                measured; default 5
  --rate                   default 10000
  --backlog-bytes          default 1000000000
`

export function parseSettings(options: readonly string[]): Settings {
  const given: Partial<Settings> = givenOptions(options, kindsOf(settingsDefault))
  const settings = { ...settingsDefault, ...given }
  if (!modes.includes(settings.mode)) throw new Error(`--mode is one of ${modes.join(', ')}`)
  return settings
}
