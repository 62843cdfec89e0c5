import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../lib/bytes/index.ts'
import { SortedSetValue, writeMembersGone, writeRanksGone, writeScores } from './index.ts'

type Entry = readonly [member: string, score: number]

const member = fc.integer({ min: 0, max: 1500 }).map(number => `m${number}`)
const score = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.double({ noNaN: true }).map(value => value + 0),
  fc.constantFrom(Infinity, -Infinity),
)
const step = fc.oneof(
  fc.record({ kind: fc.constant('set'), entries: fc.array(fc.tuple(member, score)) }),
  // Many at once and in order, so that chunks fill, split and merge.
  fc.record({ kind: fc.constant('run'), from: fc.nat(1000), count: fc.nat(700), step: fc.nat(3) }),
  fc.record({ kind: fc.constant('remove'), from: fc.nat(1500), count: fc.nat(400) }),
  fc.record({ kind: fc.constant('ranks'), from: fc.nat(1500), count: fc.nat(900) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const byScore = ([one, low]: Entry, [other, high]: Entry): number =>
  low === high ? (one < other ? -1 : 1) : low - high

test('is ordered by score and bytes, live, replayed and restored', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(12), (steps, cut) => {
      const live = new SortedSetValue()
      let replayed = new SortedSetValue()
      const model = new Map<string, number>()
      for (const [at, change] of steps.entries()) {
        const bytes = written(change, model)
        live.evolve(new ByteReader(bytes))
        replayed.evolve(new ByteReader(bytes))
        if (at === cut) replayed = restored(replayed)
        const expected = [...model].sort(byScore)
        expect(entriesOf(live)).toEqual(expected)
        expect(entriesOf(replayed)).toEqual(expected)
        expect(replayed.sizeBytes).toBe(live.sizeBytes)
        for (const place of [0, 1, 255, 256, 257, expected.length - 1]) {
          if (place >= 0 && place < expected.length) agreesAt(live, expected, place)
        }
        agreesOnRange(live, expected)
      }
    }),
    { numRuns: 150 },
  )
})

/** Writes the change, and makes it in the model. */
function written(change: Step, model: Map<string, number>): Buffer {
  const writer = new ByteWriter()
  if (change.kind === 'ranks' && 'from' in change) {
    const ordered = [...model].sort(byScore)
    const from = Math.min(change.from, ordered.length)
    const to = Math.min(from + change.count, ordered.length)
    writeRanksGone(writer, from, to)
    for (const [gone] of ordered.slice(from, to)) model.delete(gone)
  } else if (change.kind === 'remove' && 'from' in change) {
    const gone = names(change.from, change.count)
    writeMembersGone(writer, gone)
    for (const name of gone) model.delete(name)
  } else {
    const entries: readonly Entry[] =
      'entries' in change
        ? change.entries
        : names(change.from, change.count).map((name, at) => [
            name,
            at * ('step' in change ? change.step : 1),
          ])
    const [members, scores] = [entries.map(([name]) => name), entries.map(([, given]) => given)]
    writeScores(writer, members, scores)
    for (const [name, given] of entries) model.set(name, given)
  }
  return writer.finish()
}

function agreesAt(value: SortedSetValue, expected: readonly Entry[], rank: number): void {
  const [name, given] = expected[rank]!
  expect(value.rankOf(name)).toBe(rank)
  expect(value.scoreOf(name)).toBe(given)
  expect(value.ordered.memberAt(rank)).toBe(name)
  expect(value.ordered.scoreAt(rank)).toBe(given)
  const lower = expected.filter(([, other]) => other < given).length
  expect(value.ordered.countWhile(other => other < given)).toBe(lower)
  const notHigher = expected.filter(([, other]) => other <= given).length
  expect(value.ordered.countWhile(other => other <= given)).toBe(notHigher)
}

function agreesOnRange(value: SortedSetValue, expected: readonly Entry[]): void {
  const from = Math.floor(expected.length / 3)
  const to = expected.length - from
  const found: Entry[] = []
  value.ordered.forEachDown(from, to, (name, given) => found.push([name, given]))
  expect(found).toEqual(expected.slice(from, to).reverse())
}

test('what is no member has no score and no rank', () => {
  const value = SortedSetValue.of([['a', 1]])
  expect([value.scoreOf('b'), value.rankOf('b')]).toEqual([undefined, -1])
  expect(value.encoding).toBe('listpack')
  expect(SortedSetValue.of([['a'.repeat(65), 1]]).encoding).toBe('skiplist')
  const many = names(0, 129).map((name): Entry => [name, 0])
  expect(SortedSetValue.of(many).encoding).toBe('skiplist')
  expect(SortedSetValue.of(many.slice(1)).encoding).toBe('listpack')
})

function restored(value: SortedSetValue): SortedSetValue {
  const writer = new ByteWriter()
  value.write(writer)
  return SortedSetValue.factory.read(new ByteReader(writer.finish())) as SortedSetValue
}

function entriesOf(value: SortedSetValue): Entry[] {
  const found: Entry[] = []
  value.ordered.forEach(0, value.count, (name, given) => found.push([name, given]))
  const positions: Entry[] = []
  for (let at = 0; at < value.count; at++)
    positions.push([value.memberAtPosition(at), value.scoreAtPosition(at)])
  expect(positions.sort(byScore)).toEqual(found)
  return found
}

function names(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m${from + index}`)
}
