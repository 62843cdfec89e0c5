import { expect, test } from 'vitest'
import { Offset } from '../../lib/brand.ts'
import { nodePlatform } from '../../platform/index.ts'
import { encodeBatch, setBaseOffset } from '../batch/index.ts'
import { LogId } from '../store.ts'
import { checkSegment } from './check.ts'
import { folder, inNewFolders, reader, text, time } from './segments.fixture.ts'
import { SegmentWriter } from './writer.ts'

inNewFolders()

/** What is copied and what is lent lie side by side, in runs and in what is written at a time. */
const VALUE_BYTES = [10, 10, 5000, 4000, 10, 300_000, 10]

function batchAt(offset: number): Buffer {
  const batch = encodeBatch([text('v'.repeat(VALUE_BYTES[offset % VALUE_BYTES.length]!))])
  setBaseOffset(batch, Offset(offset))
  return batch
}

test('segment writer: small and large batches, alone and together, are as they came', async () => {
  const writer = await SegmentWriter.create(nodePlatform.disk, folder, 0)
  const written = new Map<LogId, Buffer[]>()
  for (const log of [1, 2, 3].map(LogId)) {
    writer.begin({ log, baseOffset: Offset(0), createdAt: time, isCompacted: false })
    const batches = Array.from({ length: 50 }, (_, offset) => batchAt(offset))
    for (const batch of batches.slice(0, 30)) await writer.add(Buffer.from(batch))
    const together = Buffer.concat([Buffer.alloc(7), ...batches.slice(30), Buffer.alloc(9)])
    await writer.add(together, 7, together.length - 9)
    writer.end(Offset(50))
    written.set(log, batches)
  }
  const refs = await writer.finish()
  expect(refs.map(ref => ref.log)).toEqual([...written.keys()])
  for (const ref of refs) {
    const found: Buffer[] = []
    for await (const batches of reader.batches(ref)) found.push(...batches)
    expect(Buffer.concat(found).equals(Buffer.concat(written.get(ref.log)!))).toBe(true)
    const [from] = await reader.read(ref, Offset(40), 1)
    expect(from!.equals(batchAt(40))).toBe(true)
  }
  const damages = []
  for await (const run of checkSegment(nodePlatform.disk, folder, 0)) damages.push(run.damage)
  expect(damages).toEqual([null, null, null])
})
