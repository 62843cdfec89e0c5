import { equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'vitest'
import type { WorkloadResult } from '../../harness/result.ts'
import { checkGoals } from '../goals.ts'
import { chartFigure, groupsOf } from '../groups.ts'
import { draw } from './draw.ts'
import { extent, lanes } from './lanes.ts'
import { overview } from './overview.ts'
import { sizes } from './sizes.ts'
import { resultOf } from '../result.fixture.ts'

function workload(
  name: string,
  ours: readonly number[],
  theirs: readonly number[],
): WorkloadResult {
  const values = { sabir: ours, ...(theirs.length > 0 ? { kafka: theirs } : {}) }
  const figure = { name: 'rate', unit: 'records/s', better: 'more', targets: { kafka: 1 }, values }
  return { name, figures: [{ ...figure, better: 'more' }] }
}

const bySize = resultOf([
  workload('produce, 10 B, 1 partition', [2000, 1000], [1000]),
  workload('produce, 1 KiB, 1 partition', [100], [200]),
  workload('produce, 1 MiB, 1 partition', [10], []),
])
const mixed = resultOf([
  workload('drain', [2000, 1000], [1500]),
  workload('drain, slowly', [3], []),
])

test('where sizes vary there are lines over them, else lanes', () => {
  const [group] = groupsOf(bySize)
  const figure = chartFigure(group!)!
  const svg = draw(sizes(bySize, group!, figure)!)
  match(svg, />10 B<[^]*>1 KiB<[^]*>1 MiB</)
  match(svg, />1.50×</)
  const [other] = groupsOf(mixed)
  equal(sizes(mixed, other!, chartFigure(other!)!), null)
  match(draw(lanes(mixed, other!, chartFigure(other!)!)), />1,500<[^]*>3</)
})

test('a chart is the same text each time, whatever was drawn before it', () => {
  const [group] = groupsOf(mixed)
  const first = draw(lanes(mixed, group!, chartFigure(group!)!))
  draw(overview(checkGoals([bySize]))!)
  equal(draw(lanes(mixed, group!, chartFigure(group!)!)), first)
})

test('a chart is well-formed, opaque, and has nothing that only a pointer sees', () => {
  const svg = draw(overview(checkGoals([bySize, { ...mixed, suite: 'amqp091' }]))!)
  match(svg, /^<svg [^>]*viewBox="0 0 880 \d+"[^]*<\/svg>\n$/)
  match(svg, /<rect width="880"[^>]*fill="#ffffff"/)
  notEqual(svg.includes('<style'), true)
  equal(/="[^"]*"[a-z]/.test(svg), false, 'a quote within quotes')
})

test('scales end at the next 1, 2 or 5 outside', () => {
  equal(JSON.stringify(extent([37, 1100])), '{"min":20,"max":2000}')
  equal(JSON.stringify(extent([5, 5001])), '{"min":5,"max":10000}')
  ok(extent([0.03]).min <= 0.03)
})
