import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Registers } from './registers.ts'

const registersOf = (elements: Iterable<string>): Registers => {
  const made = new Registers()
  for (const element of elements) made.add(Buffer.from(element))
  return made
}

test('hyperloglog: the bytes are those of redis-server, and so is the count', () => {
  // PFADD h a b c, then GET h, before anybody counted.
  const golden = '48594c4c 01000000 0000000000000080 60f3 80 50b1 84 4bfb 80 425a'
  const made = registersOf(['a', 'b', 'c'])
  expect(made.write().toString('hex')).toBe(golden.replaceAll(' ', ''))
  expect(made.estimate()).toBe(3)
})

test('hyperloglog: what is written is read again, sparse and dense', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 20 }), { maxLength: 60 }),
      fc.boolean(),
      (some, isLarge) => {
        const more = isLarge ? Array.from({ length: 5000 }, (_, index) => `e${index}`) : []
        const made = registersOf([...some, ...more])
        const bytes = made.write()
        const read = Registers.read(bytes)!
        expect(read.write().equals(bytes)).toBe(true)
        expect(read.estimate()).toBe(made.estimate())
        for (const element of some) expect(read.add(Buffer.from(element))).toBe(false)
      },
    ),
    { numRuns: 50 },
  )
})

test('hyperloglog: what is merged counts as what was added to both', () => {
  const one = registersOf(Array.from({ length: 3000 }, (_, index) => `${index}`))
  const other = registersOf(Array.from({ length: 3000 }, (_, index) => `${index + 1500}`))
  one.merge(other)
  const all = registersOf(Array.from({ length: 4500 }, (_, index) => `${index}`))
  expect(one.estimate()).toBe(all.estimate())
  expect(Math.abs(one.estimate() - 4500)).toBeLessThan(150)
})

test('hyperloglog: garbage is none', () => {
  expect(Registers.read(Buffer.from('HYLL'))).toBeUndefined()
  const bytes = registersOf(['a']).write()
  expect(Registers.read(bytes.subarray(0, bytes.length - 1))).toBeUndefined()
  expect(Registers.read(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined()
})
