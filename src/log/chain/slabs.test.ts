import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlabPool, SlotBody } from './slabs.ts'

const MiB = 1024 * 1024

test('slot bodies: batches read as they were added until the body ends, whoever ends first', () => {
  const sizes = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(MiB, 3 * MiB, 5 * MiB))
  const bodies = fc.array(fc.array(sizes, { maxLength: 6 }), { maxLength: 12 })
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(11), { maxLength: 12 }), (plan, ends) => {
      const pool = new SlabPool()
      const alive = new Map<number, { body: SlotBody; batches: Buffer[] }>()
      plan.forEach((lengths, number) => {
        const body = new SlotBody(pool)
        const batches = lengths.map((length, index) => Buffer.alloc(length, 1 + number * 6 + index))
        for (const batch of batches) body.add(batch, 0, batch.length)
        alive.set(number, { body, batches })
        const end = ends[number]
        if (end !== undefined && alive.has(end)) {
          alive.get(end)!.body.release()
          alive.delete(end)
        }
        for (const kept of alive.values()) check(kept)
      })
    }),
    { numRuns: 30 },
  )
})

function check({ body, batches }: { body: SlotBody; batches: Buffer[] }): void {
  let position = 0
  for (const batch of batches) {
    expect(body.view(position, batch.length).equals(batch)).toBe(true)
    position += batch.length
  }
  expect(body.sizeBytes).toBe(position)
  expect(Buffer.concat(body.chunks()).equals(Buffer.concat(batches))).toBe(true)
}

test('slot bodies: under steady load no memory is taken beyond the first slabs', () => {
  const pool = new SlabPool()
  const batch = Buffer.alloc(MiB, 7)
  const tail: SlotBody[] = []
  const seen = new Set<ArrayBufferLike>()
  for (let count = 0; count < 100; count++) {
    const body = new SlotBody(pool)
    body.add(batch, 0, batch.length)
    seen.add(body.view(0, 1).buffer)
    tail.push(body)
    if (tail.length > 8) tail.shift()!.release()
  }
  expect(seen.size).toBeLessThanOrEqual(4)
})
