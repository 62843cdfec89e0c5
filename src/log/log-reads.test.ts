import { expect, test } from 'vitest'
import { Offset } from '../lib/brand.ts'
import { baseOffsetOf, encodeBatch, lastOffsetOf, setBaseOffset } from './batch/index.ts'
import type { SegmentReader, SegmentRef } from './internals.ts'
import { LogReads } from './log-reads.ts'
import { DamagedStoreError, LogId, type LogPolicy, OutOfRangeError } from './store.ts'
import { StoredLog } from './stored-log.ts'

const RUN_RECORDS = 2
const policy: LogPolicy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1,
  segmentMs: 1,
  compaction: null,
}

function batchAt(offset: number): Buffer {
  const batch = encodeBatch([{ timestamp: 1, key: null, value: Buffer.alloc(40) }])
  setBaseOffset(batch, Offset(offset))
  return batch
}

const BATCH_BYTES = batchAt(0).length

/** Runs of two batches of one record each, one after the other. */
class Runs implements SegmentReader {
  readonly log: StoredLog
  readonly damaged = new Set<number>()
  /** Nothing is left of them. */
  readonly emptied = new Set<number>()
  readonly asked: number[] = []
  /** Called while a run is read. */
  meanwhile: () => void = () => {}

  constructor(count: number) {
    this.log = new StoredLog(LogId(1), policy, new LogReads(this, null))
    this.log.changeSegments(
      Array.from({ length: count }, (_, number) => this.#ref(number)),
      [],
    )
    this.log.endOffset = this.log.confirmedEnd = Offset(count * RUN_RECORDS)
  }

  async read(ref: SegmentRef, from: Offset, bytesMax: number): Promise<readonly Buffer[]> {
    this.asked.push(ref.file)
    await Promise.resolve()
    this.meanwhile()
    if (this.damaged.has(ref.file)) throw new DamagedStoreError('a', 1, 'planted', 'none')
    if (this.emptied.has(ref.file)) return []
    const found: Buffer[] = []
    for (let offset = Math.max(from, ref.baseOffset); offset < ref.endOffset; offset++)
      if (found.length === 0 || (found.length + 1) * BATCH_BYTES <= bytesMax)
        found.push(batchAt(offset))
    return found
  }

  readNow(): never {
    throw new Error('nobody reads at once')
  }

  findByTime(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** The offsets that a read gives. */
  async offsets(from: number, batches: number): Promise<number[]> {
    const found = await this.log.read(Offset(from), batches * BATCH_BYTES)
    for (const batch of found) expect(lastOffsetOf(batch)).toBe(baseOffsetOf(batch))
    return found.map(batch => baseOffsetOf(batch))
  }

  #ref(number: number): SegmentRef {
    return {
      file: number,
      log: LogId(1),
      baseOffset: Offset(number * RUN_RECORDS),
      endOffset: Offset((number + 1) * RUN_RECORDS),
      position: 0,
      sizeBytes: RUN_RECORDS * BATCH_BYTES,
      maxTimestamp: 1,
      createdAt: 1,
      isCompacted: false,
    }
  }
}

test('segments: a read goes on over short runs until half of its bytes are there', async () => {
  const runs = new Runs(6)
  expect(await runs.offsets(1, 6)).toEqual([1, 2, 3])
  expect(runs.asked).toEqual([0, 1])
  expect(await runs.offsets(0, 1)).toEqual([0])
  expect(await runs.offsets(10, 100)).toEqual([10, 11])
})

test('segments: what a damaged run follows is given, and the damage to who reads on', async () => {
  const runs = new Runs(4)
  runs.damaged.add(2)
  expect(await runs.offsets(0, 100)).toEqual([0, 1, 2, 3])
  expect(await runs.offsets(3, 100)).toEqual([3])
  await expect(runs.offsets(4, 100)).rejects.toThrow(DamagedStoreError)
  await expect(runs.offsets(5, 1)).rejects.toThrow(DamagedStoreError)
  expect(await runs.offsets(6, 100)).toEqual([6, 7])
})

test('segments: a damaged run behind one that is empty is not passed over', async () => {
  const runs = new Runs(3)
  runs.emptied.add(0)
  runs.damaged.add(1)
  await expect(runs.offsets(0, 100)).rejects.toThrow(DamagedStoreError)
})

test('segments: nothing is given from behind what goes while it is read', async () => {
  const runs = new Runs(4)
  runs.meanwhile = () => {
    runs.log.startOffset = Offset(6)
    runs.log.changeSegments([], runs.log.segments.slice(0, 3))
  }
  expect(await runs.offsets(0, 100)).toEqual([0, 1])
  await expect(async () => runs.offsets(2, 100)).rejects.toThrow(OutOfRangeError)
})
