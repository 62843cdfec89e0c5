import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'vitest'
import { SequenceWindow, sequenceAfter } from './sequence-window.ts'

type Batch = [epoch: number, baseSequence: number, count: number]

const MAX = 2 ** 31 - 1

/** Batches in the log; the one that arrives; what is to be done with it. */
const cases: [name: string, log: Batch[], arrives: Batch, verdict: string][] = [
  ['the first batch begins at zero', [], [0, 0, 3], 'next'],
  ['an unknown producer may go on anywhere', [], [4, 77, 1], 'next'],
  ['the next sequence follows the last', [[0, 0, 3]], [0, 3, 1], 'next'],
  ['a gap is refused', [[0, 0, 3]], [0, 4, 1], 'out-of-order'],
  ['the last batch again', [[0, 0, 3]], [0, 0, 3], 'duplicate of 0'],
  [
    'the oldest of five again',
    [
      [0, 0, 1],
      [0, 1, 1],
      [0, 2, 1],
      [0, 3, 1],
      [0, 4, 1],
    ],
    [0, 0, 1],
    'duplicate of 0',
  ],
  [
    'the sixth last is forgotten',
    [
      [0, 0, 1],
      [0, 1, 1],
      [0, 2, 1],
      [0, 3, 1],
      [0, 4, 1],
      [0, 5, 1],
    ],
    [0, 0, 1],
    'out-of-order',
  ],
  [
    'a duplicate has the same end, too',
    [
      [0, 0, 3],
      [0, 3, 3],
    ],
    [0, 3, 2],
    'out-of-order',
  ],
  ['an old epoch is fenced', [[3, 0, 1]], [2, 1, 1], 'stale-epoch'],
  ['a new epoch begins at zero', [[0, 0, 9]], [1, 0, 1], 'next'],
  ['a new epoch begins nowhere else', [[0, 0, 9]], [1, 9, 1], 'out-of-order'],
  ['the old epoch is no duplicate', [[0, 0, 1]], [1, 0, 1], 'next'],
  ['sequences wrap around', [[0, MAX - 1, 2]], [0, 0, 1], 'next'],
  ['sequences wrap inside a batch', [[0, MAX - 1, 4]], [0, 2, 1], 'next'],
  ['a wrapped batch again', [[0, MAX - 1, 4]], [0, MAX - 1, 4], 'duplicate of 0'],
  ['zero after a wrap is not MAX + 1', [[0, MAX - 1, 2]], [0, 1, 1], 'out-of-order'],
]

for (const [name, log, arrives, expected] of cases) {
  test(`sequence window: ${name}`, () => {
    const window = new SequenceWindow()
    let offset = 0
    for (const [producerEpoch, baseSequence, count] of log) {
      window.append({ producerEpoch, baseSequence, count }, offset, 0, 0)
      offset += count
    }
    const [producerEpoch, baseSequence, count] = arrives
    const verdict = window.judge({ producerEpoch, baseSequence, count })
    const shown = verdict.kind === 'duplicate' ? `duplicate of ${verdict.baseOffset}` : verdict.kind
    equal(shown, expected)
  })
}

test('sequence window: a restored window judges as before', () => {
  const window = new SequenceWindow()
  window.append({ producerEpoch: 1, baseSequence: 0, count: 2 }, 10, 5, 99)
  window.append({ producerEpoch: 1, baseSequence: 2, count: 2 }, 12, 6, 100)
  const copy = SequenceWindow.restore(window.epoch, window.lastAppendAt, window.batches)
  deepEqual(copy.judge({ producerEpoch: 1, baseSequence: 0, count: 2 }), {
    kind: 'duplicate',
    baseOffset: 10,
    timestamp: 5,
  })
  equal(copy.lastSequence, 3)
  equal(copy.lastAppendAt, 100)
})

test('sequence window: sequences have no sign bit', () => {
  equal(sequenceAfter(MAX, 1), 0)
  equal(sequenceAfter(-1, 1), 0)
  equal(sequenceAfter(MAX - 1, 3), 1)
})
