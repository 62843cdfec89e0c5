import type { SuiteResult, WorkloadResult } from '../harness/result.ts'

/** A suite of Sabir and Apache Kafka that found this. */
export const resultOf = (workloads: readonly WorkloadResult[]): SuiteResult => ({
  suite: 'kafka',
  title: 'Apache Kafka',
  load: 'a program.',
  date: '2026-01-01',
  machine: {
    processor: 'P',
    cores: 2,
    memoryGiB: 4,
    fileSystem: 'ext4',
    syncMs: 1,
    kernel: '6',
    node: 'v20.0.0',
  },
  others: 0.123,
  rounds: 2,
  seconds: 5,
  sides: ['sabir', 'kafka'].map(name => ({
    name,
    title: name.toUpperCase(),
    durability: 'synced',
    version: '1',
  })),
  workloads,
})
