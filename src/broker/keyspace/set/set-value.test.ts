import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../lib/bytes/index.ts'
import { SetValue, writeAdded, writeRemoved } from './set-value.ts'

const members = fc.oneof(
  fc.integer({ min: -40, max: 40 }).map(String),
  fc.uint8Array({ maxLength: 3 }).map(bytes => Buffer.from(bytes).toString('latin1')),
)
const changes = fc.array(
  fc.record({ isAdded: fc.boolean(), members: fc.array(members, { maxLength: 40 }) }),
  { maxLength: 30 },
)

test('is a set, live, replayed and restored', () => {
  fc.assert(
    fc.property(changes, fc.nat(30), (steps, cut) => {
      const live = new SetValue()
      let replayed = new SetValue()
      const model = new Set<string>()
      for (const [at, step] of steps.entries()) {
        const writer = new ByteWriter()
        if (step.isAdded) writeAdded(writer, step.members)
        else writeRemoved(writer, step.members)
        const bytes = writer.finish()
        live.evolve(new ByteReader(bytes))
        replayed.evolve(new ByteReader(bytes))
        for (const member of step.members) {
          if (step.isAdded) model.add(member)
          else model.delete(member)
        }
        if (at === cut) replayed = restored(replayed)
        expect(replayed.members).toEqual(live.members)
        expect(replayed.sizeBytes).toBe(live.sizeBytes)
      }
      expect([...live.members].sort()).toEqual([...model].sort())
      expect(live.count).toBe(model.size)
      for (const member of model) expect(live.has(member)).toBe(true)
      if (live.count === 0) expect(live.sizeBytes).toBe(0)
    }),
  )
})

test.each([
  ['intset', ['1', '-5', '9223372036854775807', '-9223372036854775808', '0']],
  ['intset', numbers(512)],
  ['hashtable', numbers(513)],
  ['listpack', ['9223372036854775808']],
  ['listpack', ['-0']],
  ['listpack', ['01']],
  ['listpack', ['']],
  ['listpack', [...numbers(127), 'a']],
  ['hashtable', [...numbers(128), 'a']],
  ['listpack', ['a'.repeat(64)]],
  ['hashtable', ['a'.repeat(65)]],
])('is kept as %s', (encoding, given) => {
  const value = SetValue.of(given)
  expect(value.encoding).toBe(encoding)
  expect(restored(value).encoding).toBe(encoding)
})

function restored(value: SetValue): SetValue {
  const writer = new ByteWriter()
  value.write(writer)
  return SetValue.factory.read(new ByteReader(writer.finish())) as SetValue
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index))
}
