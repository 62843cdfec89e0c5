import { expect, test } from 'vitest'
import { averageOf, latenciesOf } from './perf-test.ts'

const output = `1.000s\t 9000 msg/s\t 8990 msg/s\t 1/2/3/4/5 µs\t 1/2/3/4/5 µs
id: test-115101-000, sending rate avg: 10012 msg/s
id: test-115101-000, receiving rate avg: 9988 msg/s
id: test-115101-000, consumer latency min/median/75th/95th/99th 210/480/690/1900/4250 µs
id: test-115101-000, confirm latency min/median/75th/95th/99th 110/380/590/1500/3250 µs
`

test('PerfTest: averages and latencies are those of its summary', () => {
  expect(averageOf('sending', output)).toBe(10_012)
  expect(averageOf('receiving', output)).toBe(9988)
  expect(latenciesOf(output)).toEqual({ p50: 0.48, p99: 4.25 })
})

test('PerfTest: who consumes nothing receives nothing', () => {
  expect(averageOf('receiving', 'id: test-1, sending rate avg: 5 msg/s')).toBe(0)
  expect(() => latenciesOf('')).toThrow('no latencies')
})
