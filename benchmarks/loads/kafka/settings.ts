import { parseArgs } from 'node:util'
import type { CompressionName } from '../../../src/log/batch/index.ts'

export type Settings = {
  readonly mode: 'produce' | 'consume' | 'both'
  readonly host: string
  readonly port: number
  readonly topic: string
  readonly partitions: number
  readonly connections: number
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
  readonly durability: string
}

/** A producer's max.request.size. */
const REQUEST_BYTES = 1024 * 1024

export const help = `npm run load -- kafka [options]

  --mode produce|consume|both   default both
  --host, --port                default 127.0.0.1, 9092
  --topic                       default a new one
  --partitions                  default 6
  --connections                 default 2
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
  --durability                  sync, async, memory: of the topic that is made; default sync
`

export function parseSettings(options: string[]): Settings {
  const { values } = parseArgs({
    args: options,
    options: {
      mode: { type: 'string', default: 'both' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '9092' },
      topic: { type: 'string', default: `bench-${Date.now()}` },
      partitions: { type: 'string', default: '6' },
      connections: { type: 'string', default: '2' },
      'in-flight': { type: 'string', default: '5' },
      'record-bytes': { type: 'string', default: '100' },
      'batch-bytes': { type: 'string', default: '16384' },
      'request-partitions': { type: 'string', default: '0' },
      'partition-fetch-bytes': { type: 'string', default: '1048576' },
      seconds: { type: 'string', default: '10' },
      'warmup-seconds': { type: 'string', default: '2' },
      rate: { type: 'string', default: '0' },
      acks: { type: 'string', default: '-1' },
      compression: { type: 'string', default: 'none' },
      durability: { type: 'string', default: 'sync' },
    },
  })
  const batchBytes = Number(values['batch-bytes'])
  const fitting = Math.max(1, Math.floor(REQUEST_BYTES / batchBytes))
  return {
    mode: values.mode as Settings['mode'], // Anything else does neither, and says so by zeros.
    host: values.host,
    port: Number(values.port),
    topic: values.topic,
    partitions: Number(values.partitions),
    connections: Number(values.connections),
    inFlight: Number(values['in-flight']),
    recordBytes: Number(values['record-bytes']),
    batchBytes,
    requestPartitions: Number(values['request-partitions']) || fitting,
    partitionFetchBytes: Number(values['partition-fetch-bytes']),
    seconds: Number(values.seconds),
    warmupSeconds: Number(values['warmup-seconds']),
    rate: Number(values.rate),
    acks: Number(values.acks),
    compression: values.compression as CompressionName, // encodeBatch refuses what is none.
    durability: values.durability,
  }
}
