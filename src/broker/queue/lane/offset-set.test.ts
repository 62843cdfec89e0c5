import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OffsetHeap, TimedHeap } from './offset-heap.ts'
import { OffsetSet } from './offset-set.ts'

const ranges = (end: number, length: number) =>
  fc.array(fc.tuple(fc.nat(end), fc.nat(length)), { maxLength: 60, size: 'max' })

function check(set: OffsetSet, naive: Set<number>, start: number, end: number): void {
  let floor = start
  while (naive.has(floor)) floor++
  expect(set.floor).toBe(floor)
  expect(set.aheadCount).toBe([...naive].filter(offset => offset >= floor).length)
  const inRanges = new Set<number>()
  let before = floor - 1
  set.eachRange((first, last) => {
    expect(first).toBeGreaterThan(before + 1)
    expect(last).toBeGreaterThanOrEqual(first)
    for (let offset = first; offset <= last; offset++) inRanges.add(offset)
    before = last
  })
  for (let offset = start; offset < end; offset++) {
    if (set.has(offset) !== naive.has(offset)) expect.fail(`${offset} is ${set.has(offset)}`)
    if (offset >= floor && inRanges.has(offset) !== naive.has(offset)) expect.fail(`${offset}`)
  }
}

/** Looking for what is missing, from a few places. */
function checkMissing(set: OffsetSet, naive: Set<number>, start: number, end: number): void {
  const missing: number[] = []
  for (let offset = set.floor as number; offset < end; offset++)
    if (!naive.has(offset)) missing.push(offset)
  const step = Math.max(1, Math.floor((end - start) / 10))
  for (let from = start; from < end; from += step) {
    const index = missing.findIndex(offset => offset >= from)
    if (index < 0) break
    const to = from + step * 3
    let count = 0
    for (let offset = from; offset < to; offset++) if (set.has(offset)) count++
    const far = Math.min(missing.length - 1, index + step)
    const found = [
      set.nextMissing(from),
      set.previousMissing(from),
      set.countIn(from, to),
      set.missingAt(from, far - index),
    ]
    expect(found).toEqual([missing[index], missing[index - 1] ?? -1, count, missing[far]])
  }
  expect(set.missingAt(start, missing.length - 1)).toBe(missing.at(-1))
}

for (const [name, start, end, length] of [
  ['small', 0, 80, 9],
  ['large', 5, 60_000, 20_000],
  ['far', 2 ** 45 + 77, 30_000, 9000],
] as const) {
  test(`a set of offsets, ${name}: as a plain set`, () => {
    fc.assert(
      fc.property(ranges(end, length), added => {
        const set = new OffsetSet(start)
        const naive = new Set<number>()
        for (const [first, more] of added) {
          let fresh = 0
          for (let offset = start + first; offset <= start + first + more; offset++) {
            if (!naive.has(offset)) fresh++
            naive.add(offset)
          }
          expect(set.add(start + first, start + first + more)).toBe(fresh)
        }
        check(set, naive, start, start + end + length)
        checkMissing(set, naive, start, start + end + length + 20)
        check(set.copy(), naive, start, start + end + length)
      }),
      { numRuns: name === 'small' ? 500 : 30 },
    )
  })
}

test('a set of offsets: one left behind keeps little', () => {
  const set = new OffsetSet(0)
  for (let first = 1; first < 50_000_000; first += 1000) set.add(first, first + 999)
  expect(set.floor).toBe(0)
  expect(set.aheadCount).toBe(50_000_000)
  set.add(0, 0)
  expect(set.floor).toBe(50_000_001)
  expect(set.aheadCount).toBe(0)
})

test('heaps give the lowest first', () => {
  const command = fc.option(fc.tuple(fc.nat(9), fc.nat(50)))
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200, size: 'max' }), commands => {
      const heap = new OffsetHeap()
      const timed = new TimedHeap()
      const naive: number[] = []
      const naiveTimed: [number, number][] = []
      for (const [index, one] of commands.entries()) {
        if (one !== null) {
          const offset = one[1] * 1000 + index
          heap.push(offset)
          timed.push(one[0], offset)
          naive.push(offset)
          naiveTimed.push([one[0], offset])
        } else if (naive.length > 0) {
          naive.sort((a, b) => a - b)
          naiveTimed.sort((a, b) => a[0] - b[0] || a[1] - b[1])
          expect(heap.first).toBe(naive.shift())
          expect([timed.time, timed.first]).toEqual(naiveTimed.shift())
          heap.shift()
          timed.shift()
        }
        expect(heap.count).toBe(naive.length)
        expect(timed.count).toBe(naive.length)
      }
    }),
    { numRuns: 300 },
  )
})
