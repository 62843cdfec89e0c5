import { Offset } from '../../lib/brand.ts'
import { baseOffsetOf } from '../../log/batch/index.ts'
import type { Log } from '../../log/store.ts'

/** Where a reader of a log begins. `last`: with the batch that was written last. */
export type StreamStart =
  | { readonly kind: 'first' | 'last' | 'next' }
  | { readonly kind: 'offset'; readonly offset: Offset }
  /** The first record at or after it, in milliseconds since 1970. */
  | { readonly kind: 'time'; readonly millis: number }

/** The offset to begin with; one beyond the end is waited for. A promise when the disk is asked. */
export function startOffsetOf(log: Log, start: StreamStart): Offset | Promise<Offset> {
  switch (start.kind) {
    case 'first':
      return log.startOffset
    case 'next':
      return log.endOffset
    case 'offset':
      return start.offset < log.startOffset ? log.startOffset : start.offset
    case 'last':
      return lastBatch(log)
    case 'time': {
      const end = log.confirmedEnd
      return log.findByTime(start.millis).then(found => found?.offset ?? end)
    }
  }
}

function lastBatch(log: Log): Offset | Promise<Offset> {
  const { confirmedEnd, startOffset } = log
  if (confirmedEnd === startOffset) return confirmedEnd
  const first = ([batch]: readonly Buffer[]): Offset =>
    batch === undefined ? confirmedEnd : Offset(Math.max(baseOffsetOf(batch), startOffset))
  const batches = log.read(Offset(confirmedEnd - 1), 1)
  return batches instanceof Promise ? batches.then(first) : first(batches)
}
