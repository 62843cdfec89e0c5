import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LazyMap } from './lazy-map.ts'

const key = fc.integer({ min: 0, max: 5 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'clear' as const), key }),
)

test('answers as a map does, before anything is in it and after', () => {
  fc.assert(
    fc.property(fc.array(step), steps => {
      const map = new Map<number, number>()
      const lazy = new LazyMap<number, number>()
      for (const each of steps) {
        if (each.kind === 'set') {
          map.set(each.key, each.value)
          lazy.set(each.key, each.value)
        } else if (each.kind === 'delete') expect(lazy.delete(each.key)).toBe(map.delete(each.key))
        else {
          map.clear()
          lazy.clear()
        }
        expect(lazy.size).toBe(map.size)
        expect([...lazy]).toEqual([...map])
        expect([...lazy.keys()]).toEqual([...map.keys()])
        expect([lazy.get(each.key), lazy.has(each.key)]).toEqual([
          map.get(each.key),
          map.has(each.key),
        ])
      }
    }),
  )
})
