import { run } from '../../../test/clients/build.ts'
import { javaOptions, kafkaJars } from './jars.ts'

/** Of kafka-producer-perf-test.sh and its like; kafka-e2e-latency.sh has the general one. */
const PERF_HEAP = '-Xmx512M'
const GENERAL_HEAP = '-Xmx256M'

export type Produced = {
  readonly records: number
  /** Once it was warm. */
  readonly recordsPerSecond: number
}

export type ProduceOptions = {
  readonly port: number
  readonly topic: string
  readonly records: number
  readonly recordBytes: number
  /** Of the producer, each `name=value`. */
  readonly properties?: readonly string[]
}

/** Of the records that are written: they warm the client up, and count in nothing but `records`. */
export const WARMUP_SHARE = 1 / 3

/** kafka-producer-perf-test, as fast as it goes: the client's defaults, so acks=all. */
export async function producerPerfTest(load: ProduceOptions): Promise<Produced> {
  const { port, topic, records, recordBytes, properties = [] } = load
  const output = await java(PERF_HEAP, 'ProducerPerformance', [
    ...['--bootstrap-server', `127.0.0.1:${port}`, '--topic', topic],
    ...['--num-records', String(records)],
    ...['--warmup-records', String(Math.ceil(records * WARMUP_SHARE))],
    ...['--record-size', String(recordBytes), '--throughput', '-1'],
    ...(properties.length === 0 ? [] : ['--command-property', ...properties]),
  ])
  const produced = readProduced(output)
  if (produced.records !== records)
    throw new Error(`${produced.records} of ${records} records were taken: ${output.slice(0, 500)}`)
  return produced
}

/** Lines that sum up have percentiles; those of its progress do not. */
const SUMMARY =
  /^(?<records>\d+) (?<steady>steady state )?records sent, (?<rate>[\d.]+) .* 99\.9th\.$/gm

/** One line sums up all, another one what came behind the warm-up. */
export function readProduced(output: string): Produced {
  const lines = Array.from(output.matchAll(SUMMARY), ({ groups = {} }) => groups)
  const all = lines.find(({ steady }) => steady === undefined)
  const steady = lines.find(line => line['steady'] !== undefined)
  if (all === undefined || steady === undefined)
    throw new Error(`kafka-producer-perf-test printed: ${output.slice(-2000)}`)
  return {
    records: Number(all['records']),
    recordsPerSecond: Number(steady['rate']),
  }
}

export type Consumed = {
  readonly records: number
  readonly megabytes: number
  /** While it fetched: joining its group is not in it. */
  readonly recordsPerSecond: number
}

export type ConsumeOptions = {
  readonly port: number
  readonly topic: string
  readonly records: number
}

/** kafka-consumer-perf-test, in a group of its own, from the first record on. */
export async function consumerPerfTest(load: ConsumeOptions): Promise<Consumed> {
  const consumed = readConsumed(
    await java(PERF_HEAP, 'ConsumerPerformance', [
      ...['--bootstrap-server', `127.0.0.1:${load.port}`, '--topic', load.topic],
      ...['--num-records', String(load.records), '--hide-header'],
    ]),
  )
  if (consumed.records < load.records)
    throw new Error(`${consumed.records} of ${load.records} records of ${load.topic} came`)
  return consumed
}

/**
 * start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec,
 * rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
 */
export function readConsumed(output: string): Consumed {
  const line = output.split('\n').findLast(text => text.split(', ').length === 10)
  if (line === undefined) throw new Error(`kafka-consumer-perf-test printed: ${output}`)
  const fields = line.split(', ')
  return {
    records: Number(fields[4]),
    megabytes: Number(fields[2]) * 1.048576,
    recordsPerSecond: Number(fields[9]),
  }
}

export type Latency = {
  readonly averageMs: number
  /** Whole milliseconds are all that it prints. */
  readonly p50Ms: number
  readonly p99Ms: number
}

/** kafka-e2e-latency: a record is sent, acknowledged and polled before the next one is sent. */
export async function endToEndLatency(load: ProduceOptions): Promise<Latency> {
  const { port, topic, records, recordBytes } = load
  return readLatency(
    await java(GENERAL_HEAP, 'EndToEndLatency', [
      ...['--bootstrap-server', `127.0.0.1:${port}`, '--topic', topic],
      ...['--num-records', String(records), '--producer-acks', 'all'],
      ...['--record-size', String(recordBytes)],
    ]),
  )
}

export function readLatency(output: string): Latency {
  const average = /^Avg latency: ([\d.]+) ms$/m.exec(output)
  const shares = /^Percentiles: 50th = (\d+), 99th = (\d+), 99\.9th = \d+$/m.exec(output)
  if (average === null || shares === null)
    throw new Error(`kafka-e2e-latency printed: ${output.slice(-2000)}`)
  return { averageMs: Number(average[1]), p50Ms: Number(shares[1]), p99Ms: Number(shares[2]) }
}

function java(heap: string, program: string, programOptions: readonly string[]): Promise<string> {
  const start = [heap, ...javaOptions, '-cp', kafkaJars.classPath]
  return run('java', [...start, `org.apache.kafka.tools.${program}`, ...programOptions])
}
