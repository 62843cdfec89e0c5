import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Piece } from '../bytes/index.ts'
import { poisonWhatIsGivenBack } from '../given-back.ts'
import { Records } from './records.ts'

poisonWhatIsGivenBack()

/** In the middle of other bytes. */
const pieceOf = (text: string): Piece => ({
  bytes: Buffer.from(`<${text}>`, 'latin1'),
  start: 1,
  end: text.length + 1,
})

/** The records, and the same as a list in the order of their positions. */
class Both {
  readonly records = new Records()
  readonly list: { key: string; value: string; mark: number }[] = []

  find(key: string): number {
    const { bytes, start, end } = pieceOf(key)
    const position = this.records.find(bytes, start, end)
    expect(this.records.findText(key)).toBe(position)
    expect(position).toBe(this.list.findIndex(one => one.key === key))
    return position
  }

  put(key: string, value: string, mark: number): void {
    let position = this.find(key)
    if (position < 0) {
      const { bytes, start, end } = pieceOf(key)
      position = this.records.add(bytes, start, end)
      expect(position).toBe(this.list.push({ key, value: '', mark: 0 }) - 1)
    }
    const { bytes, start, end } = pieceOf(value)
    this.records.setValue(position, bytes, start, end)
    this.records.setMark(position, mark)
    this.list[position] = { key, value, mark }
  }

  remove(key: string): void {
    const position = this.find(key)
    if (position < 0) return
    this.records.removeAt(position)
    const last = this.list.pop()!
    if (position < this.list.length) this.list[position] = last
  }

  clear(): void {
    this.records.clear()
    this.list.length = 0
  }

  expectSame(): void {
    const { records, list } = this
    expect(records.count).toBe(list.length)
    for (const [position, { key, value, mark }] of list.entries()) {
      expect(records.keyAt(position)).toBe(key)
      expect(records.keyBytes(position)).toBe(key.length)
      expect(records.valueAt(position)).toBe(value)
      expect(records.valueBytes(position)).toBe(value.length)
      expect(records.markAt(position)).toBe(mark)
    }
  }
}

// A chunk has 256 KiB: some of these fill several, and some have one of their own.
const text = (name: string, bytes: number): string => name.padEnd(bytes, '\xff')
const names = fc.integer({ min: 0, max: 40 })
const sizes = fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 70_000 }))
const marks = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const put = fc.tuple(names, sizes, marks).map(
  ([name, size, mark]) =>
    (both: Both) =>
      both.put(`key${name}`, text('', size), mark),
)
const putLong = fc.tuple(names, sizes).map(
  ([name, size]) =>
    (both: Both) =>
      both.put(text(`long${name}`, 66_000), text('', size), 0),
)
const remove = names.map(name => (both: Both) => both.remove(`key${name}`))
const removeLong = names.map(name => (both: Both) => both.remove(text(`long${name}`, 66_000)))
const clear = fc.constant((both: Both) => both.clear())

test('records: they are what a list of keys and values is, whatever is set and removed', () => {
  const steps = fc.oneof(
    { weight: 12, arbitrary: put },
    { weight: 1, arbitrary: putLong },
    { weight: 5, arbitrary: remove },
    { weight: 1, arbitrary: removeLong },
    { weight: 1, arbitrary: clear },
  )
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 120 }), history => {
      const both = new Both()
      for (const step of history) step(both)
      both.expectSame()
    }),
    { numRuns: 150 },
  )
})

test('records: what is fetched beforehand is said to be where it is, or nowhere', () => {
  fc.assert(
    fc.property(fc.array(names), fc.array(names, { maxLength: 32 }), (present, wanted) => {
      const both = new Both()
      for (const name of present) both.put(`key${name}`, 'value', name)
      const bytes = Buffer.from(wanted.map(name => `key${name}`).join(''))
      const sought = {
        bytes,
        count: wanted.length,
        starts: new Int32Array(32),
        ends: new Int32Array(32),
        hashes: new Int32Array(32),
        positions: new Int32Array(32),
        warmth: 0,
      }
      let at = 0
      for (const [index, name] of wanted.entries()) {
        sought.starts[index] = at
        sought.ends[index] = at += `key${name}`.length
      }
      both.records.warm(sought)
      for (const [index, name] of wanted.entries())
        expect([-1, both.find(`key${name}`)]).toContain(sought.positions[index])
      both.expectSame()
    }),
  )
})

test('records: many that are replaced and removed take no more than what is left needs', () => {
  const both = new Both()
  for (let round = 1; round <= 30; round++)
    for (let name = 0; name < 300; name++)
      both.put(`key${name}`, text(`${round}`, 40 * ((name + round * 7) % 60)), round)
  for (let name = 0; name < 300; name += 2) both.remove(`key${name}`)
  both.expectSame()
  const live = both.list.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
  expect(both.records.memoryBytes).toBeLessThan(4 * live + 3 * 256 * 1024)
})
