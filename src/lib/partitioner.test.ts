import { expect, test } from 'vitest'
import { murmur2, partitionOf } from './partitioner.ts'

/** The vectors of Kafka's Java client. */
const vectors: [text: string, hash: number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

test.each(vectors)('murmur2 of "%s" is %i', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash)
})

test('a partition is never negative', () => {
  for (const [text, hash] of vectors) {
    const partition = partitionOf(Buffer.from(text), 7)
    expect(partition).toBe(Number((BigInt(hash) & 0x7fffffffn) % 7n))
  }
})
