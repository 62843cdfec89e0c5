import type { CompressionName } from '../../../src/log/batch/index.ts'
import { givenOptions, kindsOf } from '../options.ts'

export type Settings = {
  readonly mode: string
  readonly host: string
  readonly port: number
  readonly topic: string
  readonly partitions: number
  readonly connections: number
  /** Each of them reads all that is written, when they follow. */
  readonly readers: number
  /** Of each connection: requests ahead of their answers. */
  readonly inFlight: number
  readonly recordBytes: number
  readonly batchBytes: number
  /** Batches in one request, each for another partition. */
  readonly requestPartitions: number
  readonly partitionFetchBytes: number
  readonly seconds: number
  /** Latencies of the first seconds do not count: code is compiled, files are made. */
  readonly warmupSeconds: number
  /** Records a second, all connections together; 0 is as fast as it goes. */
  readonly rate: number
  readonly acks: number
  readonly compression: CompressionName
  /** Of the topic that is made; empty for a broker's own. */
  readonly durability: string
  /** What is written before it is drained. */
  readonly backlogBytes: number
}

/** A producer's max.request.size. */
const REQUEST_BYTES = 1024 * 1024

export const modes = ['produce', 'consume', 'both', 'follow', 'backlog'] as const

export const help = `npm run load -- kafka [options]

  --mode ${modes.join('|')}   default both
                                follow: what is produced is consumed at once; times are taken from
                                when it was due to be produced to when it was consumed
                                backlog: so much is produced, then consumed while a fifth of the
                                rate goes on being produced
  --host, --port                default 127.0.0.1, 9092
  --topic                       default a new one
  --partitions                  default 6
  --connections                 default 2
  --readers                     that follow, each all partitions; default 1
  --in-flight                   requests ahead of their answers, default 5
  --record-bytes                of a record's value, default 100
  --batch-bytes                 default 16384, as clients have it
  --request-partitions          batches in one request, default as many as fit in 1 MiB
  --partition-fetch-bytes       default 1048576, as clients have it
  --seconds                     default 10
  --warmup-seconds              whose latencies do not count, default 2
  --rate                        records a second, default 0: as fast as it goes
  --acks                        default -1
  --compression                 none, gzip, snappy, lz4, zstd; default none
  --backlog-bytes               of payload, default 1000000000
  --durability                  sync, async, memory: of the topic that is made; default its broker's
`

/** What is not given is as clients have it. */
export function settingsOf(given: Partial<Settings>): Settings {
  const { batchBytes = 16_384, recordBytes = 100 } = given
  return {
    mode: 'both',
    host: '127.0.0.1',
    port: 9092,
    topic: `bench-${Date.now()}`,
    partitions: 6,
    connections: 2,
    readers: 1,
    inFlight: 5,
    recordBytes,
    batchBytes,
    requestPartitions: Math.max(1, Math.floor(REQUEST_BYTES / Math.max(batchBytes, recordBytes))),
    partitionFetchBytes: 1024 * 1024,
    seconds: 10,
    warmupSeconds: 2,
    rate: 0,
    acks: -1,
    compression: 'none',
    durability: '',
    backlogBytes: 1_000_000_000,
    ...given,
  }
}

export function parseSettings(options: readonly string[]): Settings {
  const settings = settingsOf(givenOptions(options, kindsOf(settingsOf({}))))
  if (!modes.some(mode => mode === settings.mode))
    throw new Error(`--mode is one of ${modes.join(', ')}`)
  return settings
}
