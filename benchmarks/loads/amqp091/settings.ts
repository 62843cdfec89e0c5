import { parseArgs } from 'node:util'

export const modes = ['publish', 'both', 'ping', 'backlog', 'perf-test'] as const
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
}

export const help = `npm run load -- amqp091 [options]

Load over plain sockets to a broker that is running, or to several, one after the other:

  --peers sabir,rabbitmq   starts these, each in its own folder, and repeats in turn
  --rounds                 how often, with --peers; default 3
  --mode publish           publish with confirms
         both              publish with confirms, consume with acks
         ping              one message at a time, each confirmed: latency
         perf-test         as both, with RabbitMQ's PerfTest (Java) instead of our load
         backlog           publish --count messages, then consume them
  --host, --port           default 127.0.0.1, 5672
  --queues                 written round robin; default 1
  --body-bytes             default 16
  --window                 published ahead of their confirms, by each publisher; default 20000
  --publishers, --consumers  connections; default 1 each
  --prefetch               default 2000
  --ack-every              default 1
  --transient              delivery mode 1 instead of 2
  --seconds                measured; default 8
  --warmup-seconds         default 2
  --count                  default 1000000
`

export function parseSettings(options: string[]): Settings & {
  readonly peers: readonly string[]
  readonly rounds: number
} {
  const { values } = parseArgs({
    args: options,
    options: {
      peers: { type: 'string', default: '' },
      rounds: { type: 'string', default: '3' },
      mode: { type: 'string', default: 'both' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '5672' },
      queues: { type: 'string', default: '1' },
      'body-bytes': { type: 'string', default: '16' },
      window: { type: 'string', default: '20000' },
      publishers: { type: 'string', default: '1' },
      consumers: { type: 'string', default: '1' },
      prefetch: { type: 'string', default: '2000' },
      'ack-every': { type: 'string', default: '1' },
      transient: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '8' },
      'warmup-seconds': { type: 'string', default: '2' },
      count: { type: 'string', default: '1000000' },
    },
  })
  const mode = modes.find(one => one === values.mode)
  if (mode === undefined) throw new Error(`--mode is one of ${modes.join(', ')}`)
  return {
    peers: values.peers === '' ? [] : values.peers.split(','),
    rounds: Number(values.rounds),
    mode,
    host: values.host,
    port: Number(values.port),
    queues: Number(values.queues),
    bodyBytes: Number(values['body-bytes']),
    window: Number(values.window),
    publishers: Number(values.publishers),
    consumers: Number(values.consumers),
    prefetch: Number(values.prefetch),
    ackEvery: Number(values['ack-every']),
    isPersistent: !values.transient,
    seconds: Number(values.seconds),
    warmupSeconds: Number(values['warmup-seconds']),
    count: Number(values.count),
  }
}
