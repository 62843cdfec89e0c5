import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IndexedSet } from './indexed-set.ts'

const names = fc.integer({ min: 0, max: 150 }).map(number => `m${number}`)
const steps = fc.array(fc.tuple(fc.boolean(), names), { maxLength: 600 })

function apply(set: IndexedSet, isAdded: boolean, member: string): void {
  const index = set.indexOf(member)
  if (isAdded && index < 0) set.push(member)
  if (!isAdded && index >= 0) set.removeAt(index)
}

test('has what was pushed and not removed, at positions without gaps', () => {
  fc.assert(
    fc.property(steps, changes => {
      const set = new IndexedSet()
      const model = new Set<string>()
      for (const [isAdded, member] of changes) {
        apply(set, isAdded, member)
        if (isAdded) model.add(member)
        else model.delete(member)
      }
      expect(set.count).toBe(model.size)
      expect([...set.members].sort()).toEqual([...model].sort())
      for (let at = 0; at < set.count; at++) {
        expect(set.indexOf(set.at(at))).toBe(at)
        const bytes = Buffer.from(` ${set.at(at)} `)
        expect(set.indexOfBytes(bytes, 1, bytes.length - 1)).toBe(at)
        expect(set.indexOfBytes(bytes, 0, bytes.length - 1)).toBe(-1)
      }
    }),
  )
})

test('a walk downwards meets all that stay, whatever changes in between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 150 }), steps, (count, changes) => {
      const set = new IndexedSet()
      const staying = new Set<string>()
      for (let number = 0; number < count; number++) {
        set.push(`m${number}`)
        staying.add(`m${number}`)
      }
      const met = new Set<string>()
      let next = 0
      for (let cursor = set.count; cursor > 0; ) {
        cursor = Math.min(cursor, set.count) - 1
        if (cursor < 0) break
        met.add(set.at(cursor))
        for (const [isAdded, member] of changes.slice(next, next + 3)) {
          apply(set, isAdded, member)
          if (!isAdded) staying.delete(member)
        }
        next += 3
      }
      for (const member of staying) expect(met).toContain(member)
    }),
  )
})

test('what is spliced out leaves the others in their order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 150 }), fc.array(fc.nat()), (count, removals) => {
      const set = new IndexedSet()
      const model = Array.from({ length: count }, (_, number) => `m${number}`)
      for (const member of model) set.push(member)
      for (const removal of removals) {
        if (model.length === 0) break
        const [gone] = model.splice(removal % model.length, 1)
        set.spliceAt(set.indexOf(gone!))
        expect(set.has(gone!)).toBe(false)
      }
      expect(set.members).toEqual(model)
      for (const [at, member] of model.entries()) expect(set.indexOf(member)).toBe(at)
    }),
  )
})
