import { givenOptions, kindsOf } from '../options.ts'

const modes = [
  'publish',
  'both',
  'fan-out',
  'latency',
  'latency-80',
  'ping',
  'backlog',
  'perf-test',
] as const
export type Mode = (typeof modes)[number]

export type Settings = {
  readonly mode: Mode
  readonly host: string
  readonly port: number
  readonly queues: number
  readonly bodyBytes: number
  /** Published and not yet confirmed, for each connection. */
  readonly window: number
  readonly publishers: number
  readonly consumers: number
  readonly prefetch: number
  /** 1: each message with an ack of its own; else one ack (multiple) for so many. */
  readonly ackEvery: number
  readonly isPersistent: boolean
  readonly seconds: number
  readonly warmupSeconds: number
  /** How many messages a backlog has. */
  readonly count: number
  /** Messages a second, where the rate is fixed; 0 for as many as possible. */
  readonly rate: number
}

export const settingsDefault: Settings = {
  mode: 'both',
  host: '127.0.0.1',
  port: 5672,
  queues: 1,
  bodyBytes: 16,
  window: 20_000,
  publishers: 1,
  consumers: 1,
  prefetch: 2000,
  ackEvery: 1,
  isPersistent: true,
  seconds: 8,
  warmupSeconds: 2,
  count: 1_000_000,
  rate: 0,
}

export const help = `npm run load -- amqp091 [options]

Load over plain sockets to a broker that is running:

  --mode publish           publish with confirms
         both              publish with confirms, consume with acks (the default)
         fan-out           the same, to a fanout exchange with --queues queues
         latency           the same, at --rate messages a second, each with the time it was due
         latency-80        the same, at 80 % of what "both" reaches just before
         ping              one message at a time, each confirmed: latency
         perf-test         as both, with RabbitMQ's PerfTest (Java) instead of our load
         backlog           publish --count messages, then consume them while publishing goes on
  --host, --port           default 127.0.0.1, 5672
  --queues                 written round robin; default 1
  --body-bytes             default 16
  --rate                   messages a second, for latency and perf-test
  --window                 published ahead of their confirms, by each publisher; default 20000
  --publishers, --consumers  connections; default 1 each
  --prefetch               of each consumer; default 2000
  --ack-every              default 1
  --transient              delivery mode 1 instead of 2
  --seconds                measured; default 8
  --warmup-seconds         default 2
  --count                  default 1000000
`

export function parseSettings(options: readonly string[]): Settings {
  const given = givenOptions(options, { ...kindsOf(settingsDefault), transient: 'boolean' })
  const { transient, ...said } = given as Partial<Settings> & { transient?: boolean }
  const settings = { ...settingsDefault, ...said, isPersistent: transient !== true }
  if (!modes.includes(settings.mode)) throw new Error(`--mode is one of ${modes.join(', ')}`)
  return settings
}
