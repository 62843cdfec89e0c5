import { deepEqual, equal, match } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'vitest'
import type { FigureResult, WorkloadResult } from '../harness/result.ts'
import { amount, slug, spread } from './format.ts'
import { checkGoals } from './goals.ts'
import { groupsOf, rowName } from './groups.ts'
import { chartsIn, reportFiles } from './index.ts'
import { page } from './page.ts'
import { section } from './sections.ts'
import { resultOf } from './result.fixture.ts'

const docs = join(import.meta.dirname, '../../docs')

test('docs/performance.md shows its data (npm run bench -- --report writes it)', () => {
  const files = reportFiles(docs)
  for (const [path, text] of files) equal(readFileSync(join(docs, path), 'utf8'), text, path)
  deepEqual(
    chartsIn(docs).filter(path => !files.has(path)),
    [],
    'charts of nothing',
  )
})

test('what docs/performance.md links is there', () => {
  const text = readFileSync(join(docs, 'performance.md'), 'utf8')
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (target.startsWith('http')) continue
    if (target.startsWith('#')) equal(headings.includes(target.slice(1)), true, target)
    else equal(existsSync(join(dirname(join(docs, 'performance.md')), target)), true, target)
  }
})

const throughput = (values: FigureResult['values'], target?: number): FigureResult => ({
  name: 'throughput',
  unit: 'messages/s',
  better: 'more',
  ...(target === undefined ? {} : { targets: { kafka: target } }),
  values,
})

const workload = (name: string, ...figures: FigureResult[]): WorkloadResult => ({ name, figures })

test('amounts have three digits, and what is counted a letter', () => {
  equal(amount(1_234_567, 'messages/s'), '1.23 M')
  equal(amount(45_678, 'records/s'), '45.7 k')
  equal(amount(9876, 'records/s'), '9,880')
  equal(amount(1142.4, 'MB'), '1,140')
  equal(amount(0.01234, 'ms'), '0.0123')
  equal(amount(Number.NaN, 'ms'), '–')
  equal(spread([3, 1, 2], 'ms'), '2 (1–3)')
  equal(spread([2], 'ms'), '2')
  equal(spread(undefined, 'ms'), '–')
  equal(slug('End-to-end, p99'), 'end-to-end-p99')
})

test('workloads are grouped by what their names begin with, and called by the rest', () => {
  const groups = groupsOf(
    resultOf([workload('produce, 10 B'), workload('consume, 10 B'), workload('produce, 1 KiB')]),
  )
  const rows = groups.map(group => [group.name, ...group.workloads.map(one => rowName(group, one))])
  deepEqual(rows, [
    ['produce', '10 B', '1 KiB'],
    ['consume', '10 B'],
  ])
})

test('a target that misses, one that failed, and one that was not measured are told', () => {
  const results = [
    resultOf([
      workload('produce, 10 B', throughput({ sabir: [3, 2], kafka: [1, 1] }, 1)),
      workload('produce, 1 KiB', throughput({ sabir: [1, 1], kafka: [2, 2] }, 1)),
      {
        ...workload('produce, 1 MiB', throughput({ kafka: [2, 2] }, 1)),
        failures: { sabir: ['out of luck'] },
      },
    ]),
  ]
  const [rate, wide] = checkGoals(results)
  deepEqual(
    rate!.checks.map(check => check.holds),
    [true, false, false],
  )
  deepEqual(wide!.checks, [])
  const text = page({ results, notes: new Map(), charts: new Map(), overview: null })
  match(text, /every size \| ≥ 1 \| 0\.5–2\.5 \| 3 \| \*\*misses 2\*\*/)
  match(text, /100 B, 1,000 partitions \| ≥ 1\.3 \| – \| 0 \| not measured/)
  match(
    text,
    /\(2 of 3\): \[produce, 1 KiB\]\(#apache-kafka-produce\) 0\.5; \[produce, 1 MiB\].* failed/,
  )
  match(text, /\| 10 B \| 2\.5 \(2–3\) \| 1 \| \*\*2\.5\*\* \(≥ 1: holds\) \|/)
  match(text, /\| 1 MiB \| failed \| 2 \| – \|/)
  match(text, /- 1 MiB: SABIR failed in 1 of 2 rounds: out of luck/)
})

test('a target that no goal names is listed as well', () => {
  const odd = resultOf([workload('x', throughput({ sabir: [1], kafka: [2] }, 7))])
  const last = checkGoals([odd]).at(-1)!
  deepEqual([last.target, last.what, last.checks.length], [7, 'throughput', 1])
})

test('remarks and notes stand in the section of their suite', () => {
  const remarked = {
    ...workload('x, y', throughput({ sabir: [1] })),
    remarks: { kafka: 'too slow' },
  }
  const text = section(resultOf([remarked]), 'By hand.', new Map([['x', 'x.svg']]))
  match(text, /- y: KAFKA: too slow/)
  match(text, /!\[Apache Kafka: x\]\(x\.svg\)/)
  match(text, /By hand\.$/)
})
