import { expect, test } from 'vitest'
import { readConsumed, readLatency, readProduced } from './tools.ts'

const notices = `SLF4J: Failed to load class "org.slf4j.impl.StaticLoggerBinder".
SLF4J: Defaulting to no-operation (NOP) logger implementation
`

test('kafka-producer-perf-test: all records, and what was found once it was warm', () => {
  const all =
    '30000 records sent, 11102.886751 records/sec (1.06 MB/sec), 623.76 ms avg latency, ' +
    '1112.00 ms max latency, 663 ms 50th, 1033 ms 95th, 1062 ms 99th, 1062 ms 99.9th.\n'
  const steady =
    '20000 steady state records sent, 13661.202186 records/sec (1.30 MB/sec), 790.97 ms avg ' +
    'latency, 1062.00 ms max latency, 756 ms 50th, 1040 ms 95th, 1061 ms 99th, 1062 ms 99.9th.\n'
  const progress =
    '12001 records sent, 2400.2 records/sec (0.23 MB/sec), 811.2 ms avg latency, ' +
    '1012.0 ms max latency.\n'
  const warmUp =
    'Warmup first 10000 records. Steady state results will print after the complete test summary.\n'
  expect(readProduced(notices + warmUp + progress + all + steady)).toEqual({
    records: 30_000,
    recordsPerSecond: 13_661.202186,
  })
  expect(() => readProduced(notices + all)).toThrow('kafka-producer-perf-test printed')
})

test('kafka-consumer-perf-test: the rate while it fetched, without joining', () => {
  const line =
    '2026-11-21 12:35:06:862, 2026-11-21 12:35:08:297, 2.8610, 1.9937, 30000, 20905.9233, ' +
    '1085, 350, 8.1744, 85714.2857\n'
  const consumed = readConsumed(notices + line)
  expect(consumed.records).toBe(30_000)
  expect(consumed.recordsPerSecond).toBe(85_714.2857)
  expect(consumed.megabytes).toBeCloseTo(3, 2)
  expect(() => readConsumed(notices)).toThrow('kafka-consumer-perf-test printed')
})

test('kafka-e2e-latency: the average and whole milliseconds of percentiles', () => {
  const output = `Topic "b" does not exist. Will create topic with 1 partition(s)
0\t274.414588
Avg latency: 24.9638 ms
Percentiles: 50th = 16, 99th = 274, 99.9th = 275
`
  expect(readLatency(notices + output)).toEqual({ averageMs: 24.9638, p50Ms: 16, p99Ms: 274 })
  expect(() => readLatency(notices)).toThrow('kafka-e2e-latency printed')
})
