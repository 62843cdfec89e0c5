import { expect, test } from 'vitest'
import { Offset } from '../../../lib/brand.ts'
import { encodeBatch, setBaseOffset } from '../../../log/batch/index.ts'
import { LogId, type ReadRoom } from '../../../log/store.ts'
import { Blocks } from '../../../lib/blocks.ts'
import { AnswerRoom } from './answer-room.ts'
import type { FetchPartition } from './fetch-partition.ts'
import { FetchRead, type ReadOptions } from './fetch-read.ts'

test('fetch: what is lent is copied in the same turn, side by side for each partition', () => {
  const memory: Buffer[] = []
  const lent = (offset: number): Buffer => {
    const batch = encodeBatch([{ timestamp: offset, key: null, value: Buffer.from(`${offset}`) }])
    setBaseOffset(batch, Offset(offset))
    memory.push(batch)
    return batch
  }
  const partitions = [[lent(0), lent(1)], [], [lent(7)]].map((batches, index) => {
    const bounds = { startOffset: 0, endOffset: 9, confirmedEnd: 9, sizeBytes: 1000 }
    const log = { id: LogId(index), ...bounds, lend: () => batches }
    return {
      offset: 0,
      bytesMax: 10_000,
      leaderEpoch: -1,
      lastFetchedEpoch: -1,
      resolve: () => ({ log, logId: log.id }),
    } as unknown as FetchPartition
  })
  const expected = [Buffer.concat(memory.slice(0, 2)), undefined, Buffer.from(memory[2]!)]
  const room = new AnswerRoom(new Blocks(0))
  const options = { isById: false, bytesMax: 100_000, room, onDamage: () => {} }
  const read = new FetchRead(partitions, options as unknown as ReadOptions)
  for (const bytes of memory) bytes.fill(0xdb) // The turn is over.
  expect(read.pending).toEqual([])
  expect(read.results.map(({ batches }) => batches[0])).toEqual(expected)
  expect(read.results.map(({ sizeBytes }) => sizeBytes)).toEqual(
    expected.map(bytes => bytes?.length ?? 0),
  )
})

test('fetch: the disk is read into the room of the answer, and a failed read is told', async () => {
  const room = new AnswerRoom(new Blocks(0))
  const batch = encodeBatch([{ timestamp: 1, key: null, value: Buffer.from('one') }])
  const partition = (
    read: (from: number, bytesMax: number, into: ReadRoom) => Promise<Buffer[]>,
  ) => {
    const bounds = { startOffset: 0, endOffset: 9, confirmedEnd: 9, sizeBytes: 1000 }
    const log = { id: LogId(1), ...bounds, lend: () => null, read }
    const wanted = { offset: 0, bytesMax: 10_000, leaderEpoch: -1, lastFetchedEpoch: -1 }
    return { ...wanted, resolve: () => ({ log }) } as unknown as FetchPartition
  }
  const good = partition(async (_, __, into) => {
    const kept = into.take(batch.length)
    batch.copy(kept)
    return [kept]
  })
  const bad = partition(async () => Promise.reject(new Error('planted')))
  const options = { isById: false, bytesMax: 100_000, room, onDamage: () => {} }
  const read = new FetchRead([good], options as unknown as ReadOptions)
  await Promise.all(read.pending)
  expect(read.results[0]!.batches).toEqual([batch])
  expect([read.hasFailed, room.isEmpty]).toEqual([false, false])
  const failing = new FetchRead([good, bad], options as unknown as ReadOptions)
  await Promise.all(failing.pending)
  expect([failing.hasFailed, failing.hasError]).toEqual([true, true])
})

test('fetch: of batches of records as long as the limit none is read in vain', async () => {
  const recordBytes = 100_000
  const batch = encodeBatch([{ timestamp: 1, key: null, value: Buffer.alloc(recordBytes) }])
  const partition = (id: number) => {
    const bounds = { startOffset: 0, endOffset: 9, confirmedEnd: 9, sizeBytes: 10 * batch.length }
    const log = { id: LogId(id), ...bounds, lend: () => null, read: async () => [batch] }
    const wanted = { offset: 0, bytesMax: recordBytes, leaderEpoch: -1, lastFetchedEpoch: -1 }
    return { ...wanted, resolve: () => ({ log }) } as unknown as FetchPartition
  }
  const room = new AnswerRoom(new Blocks(0))
  const options = { isById: false, bytesMax: 4 * recordBytes, room, onDamage: () => {} }
  const read = new FetchRead([1, 2, 3, 4, 5].map(partition), options as unknown as ReadOptions)
  await Promise.all(read.pending)
  expect(read.pending.length).toBe(4)
  expect(read.results.map(({ batches }) => batches.length)).toEqual([1, 1, 1, 1, 0])
})
