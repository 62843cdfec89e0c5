import { Offset } from '../../lib/brand.ts'
import { baseOffsetOf, batchBytes, lastOffsetOf, maxTimestampOf } from '../../log/batch/index.ts'
import type { Partition } from '../topic/index.ts'
import { StreamState } from './stream-state.ts'

/** A log up to this size is looked through when it becomes a stream. */
const LOOKED_THROUGH_BYTES = 4 * 1024 * 1024

/**
 * A log that is there already, as a stream. Its records get ids by the rule all others' get, from
 * the headers of their batches; but a large log is not looked through: then their ids are 0-1, 0-2
 * and so on, after their offsets.
 */
export function adopted(partition: Partition): StreamState {
  const { log } = partition
  const isSmall = log.sizeBytes <= LOOKED_THROUGH_BYTES
  const state = new StreamState(partition, isSmall ? log.startOffset : log.endOffset)
  state.trimTo(log.startOffset)
  state.entriesAdded = state.end - (isSmall ? log.startOffset : 0)
  if (state.bornAt > 0) state.advance(0, state.bornAt)
  if (isSmall) look(state)
  // Whatever went before it was counted is not known.
  state.entriesAdded = state.end
  return state
}

function look(state: StreamState): void {
  const { log } = state
  while (state.end < log.endOffset) {
    const batches = log.readNow(Offset(state.end), LOOKED_THROUGH_BYTES)
    if (batches.length === 0) return
    for (const batch of batches)
      state.appended({
        baseOffset: baseOffsetOf(batch),
        lastOffset: lastOffsetOf(batch),
        count: 0,
        sizeBytes: batchBytes(batch),
        maxTimestamp: maxTimestampOf(batch),
        producerId: -1,
        producerEpoch: -1,
        baseSequence: -1,
        isTransactional: false,
        isControl: false,
      })
  }
}
