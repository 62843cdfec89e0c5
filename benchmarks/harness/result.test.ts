import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'vitest'
import { type FigureResult, holds, median, ratio } from './result.ts'

const figure = (better: 'more' | 'less', target: number): FigureResult => ({
  name: 'rate',
  unit: 'messages/s',
  better,
  targets: { kafka: target },
  values: { sabir: [9, 30, 10], kafka: [20, 4, 6] },
})

test('the median of an even number lies between the two in the middle', () => {
  equal(median([3, 1, 2]), 2)
  equal(median([4, 1, 3, 2]), 2.5)
  deepEqual(median([]), Number.NaN)
})

test('a median leaves the order in which values were found as it is', () => {
  const values = [3, 1, 2]
  median(values)
  deepEqual(values, [3, 1, 2])
})

test('a ratio is of medians, ours to theirs', () => {
  equal(ratio(figure('more', 1), 'sabir', 'kafka'), 10 / 6)
  deepEqual(ratio(figure('more', 1), 'sabir', 'rabbitmq'), Number.NaN)
})

test('a target is a least where more is better, a most where less is', () => {
  equal(holds(figure('more', 10 / 6), 'sabir', 'kafka'), true)
  equal(holds(figure('more', 1.7), 'sabir', 'kafka'), false)
  equal(holds(figure('less', 10 / 6), 'sabir', 'kafka'), true)
  equal(holds(figure('less', 1.6), 'sabir', 'kafka'), false)
  equal(holds(figure('less', 1.6), 'sabir', 'redis'), undefined)
})
