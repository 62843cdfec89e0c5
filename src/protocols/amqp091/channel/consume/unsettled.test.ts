import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SettledRuns, Unsettled } from './unsettled.ts'

type Run = [holder: number, lane: number, first: number, last: number]

function collector(): SettledRuns & { runs: Run[] } {
  const runs: Run[] = []
  return { runs, run: (...run: Run) => void runs.push(run) }
}

function filled(count: number): Unsettled {
  const unsettled = new Unsettled()
  for (let offset = 0; offset < count; offset++) unsettled.add(0, 0, 100 + offset)
  return unsettled
}

test('unsettled: tags count from one', () => {
  const unsettled = new Unsettled()
  expect([unsettled.add(0, 0, 7), unsettled.skip(), unsettled.add(0, 0, 8)]).toEqual([1, 2, 3])
  expect(unsettled.count).toBe(2)
})

test('unsettled: neighbours are settled as one run', () => {
  const unsettled = filled(5)
  const settled = collector()
  expect(unsettled.settleUpTo(4, settled)).toBe(true)
  expect(settled.runs).toEqual([[0, 0, 100, 103]])
  expect(unsettled.count).toBe(1)
})

test('unsettled: runs end where holder, lane or offset do', () => {
  const unsettled = new Unsettled()
  unsettled.add(0, 0, 1)
  unsettled.add(0, 1, 2)
  unsettled.add(1, 1, 3)
  unsettled.add(1, 1, 5)
  const settled = collector()
  unsettled.settleAll(settled)
  expect(settled.runs).toEqual([
    [0, 0, 1, 1],
    [0, 1, 2, 2],
    [1, 1, 3, 3],
    [1, 1, 5, 5],
  ])
})

test.each([0, 3, 4, -1])('unsettled: tag %d is unknown', tag => {
  const unsettled = filled(3)
  const settled = collector()
  unsettled.settleOne(3, settled)
  expect(unsettled.settleOne(tag, settled)).toBe(false)
  expect(unsettled.settleUpTo(tag, settled)).toBe(false)
  expect(unsettled.mark(tag, false, [])).toBe(false)
})

test('unsettled: one that stays out does not hold memory for those that are settled', () => {
  const unsettled = new Unsettled()
  const settled = collector()
  unsettled.add(9, 0, 0)
  for (let offset = 1; offset <= 100_000; offset++) {
    const tag = unsettled.add(0, 0, offset)
    expect(unsettled.settleOne(tag, settled)).toBe(true)
  }
  expect(unsettled.count).toBe(1)
  expect(unsettled.has(1)).toBe(true)
  settled.runs.length = 0
  expect(unsettled.settleOne(1, settled)).toBe(true)
  expect(settled.runs).toEqual([[9, 0, 0, 0]])
})

test('unsettled: marks are taken back', () => {
  const unsettled = filled(4)
  const tags: number[] = []
  expect(unsettled.mark(2, true, tags)).toBe(true)
  expect([unsettled.count, unsettled.markedCount, tags]).toEqual([2, 2, [1, 2]])
  expect(unsettled.has(2)).toBe(false)
  unsettled.unmark(tags)
  expect([unsettled.count, unsettled.markedCount]).toEqual([4, 0])
  expect(unsettled.has(2)).toBe(true)
})

test('unsettled: agrees with a list, whatever happens', () => {
  const command = fc.oneof(
    fc.record({
      kind: fc.constant('add' as const),
      holder: fc.nat(2),
      count: fc.oneof(fc.nat(90), fc.constant(5000)),
    }),
    fc.record({ kind: fc.constant('skip' as const) }),
    fc.record({ kind: fc.constant('one' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('upTo' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('mark' as const), pick: fc.nat(), isMultiple: fc.boolean() }),
    fc.record({ kind: fc.constant('rollback' as const) }),
    fc.record({ kind: fc.constant('rest' as const) }),
    fc.record({ kind: fc.constant('all' as const) }),
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), commands => {
      const unsettled = new Unsettled()
      let model: { tag: number; holder: number; offset: number; isMarked: boolean }[] = []
      let offset = 0
      let marked: number[] = []
      const settled: number[] = []
      const expected: number[] = []
      const runs: SettledRuns = {
        run(holder, _lane, first, last) {
          for (let at = first; at <= last; at++) settled.push(holder * 1e6 + at)
        },
      }
      const expectSettled = (isIn: (tag: number) => boolean): void => {
        for (const one of model)
          if (!one.isMarked && isIn(one.tag)) expected.push(one.holder * 1e6 + one.offset)
        model = model.filter(one => one.isMarked || !isIn(one.tag))
      }
      const tagOf = (pick: number): number => {
        const free = model.filter(one => !one.isMarked)
        return free.length === 0 ? 0 : free[pick % free.length]!.tag
      }
      for (const one of commands)
        switch (one.kind) {
          case 'add':
            for (let count = 0; count < one.count; count++) {
              const tag = unsettled.add(one.holder, 0, offset)
              model.push({ tag, holder: one.holder, offset: offset++, isMarked: false })
            }
            break
          case 'skip':
            unsettled.skip()
            break
          case 'one': {
            const tag = tagOf(one.pick)
            expect(unsettled.settleOne(tag, runs)).toBe(tag > 0)
            expectSettled(other => other === tag)
            break
          }
          case 'upTo': {
            const tag = tagOf(one.pick)
            expect(unsettled.settleUpTo(tag, runs)).toBe(tag > 0)
            expectSettled(other => other <= tag)
            break
          }
          case 'mark': {
            const tag = tagOf(one.pick)
            const tags: number[] = []
            expect(unsettled.mark(tag, one.isMultiple, tags)).toBe(tag > 0)
            for (const other of model) if (tags.includes(other.tag)) other.isMarked = true
            marked.push(...tags)
            break
          }
          case 'rollback':
            unsettled.unmark(marked)
            marked = []
            for (const other of model) other.isMarked = false
            break
          case 'rest':
            unsettled.rest()
            break
          case 'all':
            unsettled.settleAll(runs)
            expectSettled(() => true)
        }
      expect(settled).toEqual(expected)
      expect(unsettled.count).toBe(model.filter(one => !one.isMarked).length)
      expect(unsettled.markedCount).toBe(marked.length)
    }),
  )
})
