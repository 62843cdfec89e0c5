import { describe, expect, test } from 'vitest'
import { Offset } from '../../lib/brand.ts'
import type { SegmentRef } from '../internals.ts'
import { LogId } from '../store.ts'
import { KeyMap } from './compaction/key-map.ts'
import { compactionPlan, rewriteGroups } from './compaction/plan.ts'
import { joinGroups } from './merge.ts'

const now = 1_000_000

function ref(base: number, sizeBytes: number, more: Partial<SegmentRef> = {}): SegmentRef {
  return {
    file: 0,
    log: LogId(1),
    baseOffset: Offset(base),
    endOffset: Offset(base + 1),
    position: 0,
    sizeBytes,
    maxTimestamp: now - 1000,
    createdAt: now - 1000,
    isCompacted: false,
    ...more,
  }
}

const bases = (refs: readonly SegmentRef[]) => refs.map(each => each.baseOffset)

describe('compaction plan', () => {
  const policy = { tombstoneRetentionMs: 0, dirtyRatioMin: 0.5, lagMsMin: 0, lagMsMax: 5000 }
  const clean = ref(0, 100, { isCompacted: true })
  type Row = [string, SegmentRef[], Partial<typeof policy>, number[] | null]
  const rows: Row[] = [
    ['nothing there', [], {}, null],
    ['all clean', [clean], {}, null],
    ['dirty enough', [clean, ref(1, 100)], {}, [1]],
    ['not dirty enough', [clean, ref(1, 99)], {}, null],
    ['little, but overdue', [clean, ref(1, 1, { createdAt: now - 5001 })], {}, [1]],
    ['too young', [ref(1, 100)], { lagMsMin: 1001 }, null],
    ['old enough', [ref(1, 100)], { lagMsMin: 1000 }, [1]],
    [
      'a young one stops',
      [ref(1, 9), ref(2, 9, { maxTimestamp: now }), ref(3, 9)],
      { lagMsMin: 500 },
      [1],
    ],
    ['nothing but empty ones', [ref(1, 0)], { dirtyRatioMin: 0 }, null],
  ]
  for (const [name, refs, change, expected] of rows) {
    test(name, () => {
      const plan = compactionPlan(refs, { ...policy, ...change }, now)
      expect(plan === null ? null : bases(plan.dirty)).toEqual(expected)
    })
  }

  test('groups keep to the size of a segment, but a large one stands alone', () => {
    const refs = [ref(0, 40), ref(1, 60), ref(2, 1), ref(3, 500), ref(4, 1)]
    expect(rewriteGroups(refs, 100).map(bases)).toEqual([[0, 1], [2], [3], [4]])
  })
})

describe('joining', () => {
  const many = (count: number, bytes: number, from = 0) =>
    Array.from({ length: count }, (_, index) => ref(from + index, bytes))
  const rows: [string, SegmentRef[], number, number[]][] = [
    ['seven are left', many(7, 10), 1e9, []],
    ['eight are joined', many(8, 10), 1e9, [8]],
    ['large ones are left', many(20, 5_000_000), 1e9, []],
    ['a large one parts them', [...many(5, 10), ref(5, 5e6), ...many(5, 10, 6)], 1e9, []],
    ['no more than a segment', many(30, 1000), 10_000, [10, 10, 10]],
    ['clean and dirty stay apart', [...many(6, 10), ref(6, 9, { isCompacted: true })], 1e9, []],
    ['one joined before waits for others of its size', [ref(0, 5000), ...many(7, 10, 1)], 1e9, []],
  ]
  for (const [name, refs, segmentBytes, expected] of rows) {
    test(name, () => {
      expect(joinGroups(refs, segmentBytes).map(group => group.length)).toEqual(expected)
    })
  }
})

describe('key map', () => {
  test('keys are told apart exactly, whatever their length and bytes', () => {
    const map = new KeyMap()
    const keys = [
      Buffer.alloc(0),
      Buffer.from([0]),
      Buffer.from([0x80]),
      Buffer.from([0xc2, 0x80]),
      Buffer.alloc(64, 1),
      Buffer.alloc(65, 1),
      Buffer.alloc(66, 1),
      Buffer.alloc(10_000, 1),
    ]
    for (const [offset, key] of keys.entries()) map.set(key, offset)
    expect(keys.map(key => map.get(key))).toEqual(keys.map((_, offset) => offset))
    expect(map.get(Buffer.from('other'))).toBeUndefined()
  })

  test('the newest offset stays, and memory is counted once per key', () => {
    const map = new KeyMap()
    map.set(Buffer.from('a'), 5)
    const bytes = map.memoryBytes
    map.set(Buffer.from('a'), 3)
    expect(map.get(Buffer.from('a'))).toBe(5)
    map.set(Buffer.from('a'), 9)
    expect(map.get(Buffer.from('a'))).toBe(9)
    expect(map.memoryBytes).toBe(bytes)
    expect(bytes).toBeGreaterThan(50)
  })
})
