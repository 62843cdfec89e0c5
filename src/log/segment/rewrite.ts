import type { SegmentRef } from '../internals.ts'
import type { Workshop } from './workshop.ts'
import type { SegmentWriter } from './writer.ts'

/** Copies neighbouring runs of one log into one run of the file that is being written. */
export async function copyRuns(
  workshop: Workshop,
  writer: SegmentWriter,
  refs: readonly SegmentRef[],
): Promise<void> {
  const { copyRoom } = workshop
  const first = refs[0]!
  writer.begin({
    log: first.log,
    baseOffset: first.baseOffset,
    createdAt: first.createdAt,
    isCompacted: first.isCompacted,
  })
  for (const ref of refs) {
    for await (const batches of workshop.reader.windows(ref, copyRoom)) {
      const pause = writer.add(batches) ?? workshop.pause()
      if (pause !== undefined) await pause
      if (!copyRoom.isFull) continue
      await writer.flush()
      copyRoom.startOver()
    }
  }
  writer.end(refs.at(-1)!.endOffset)
}
