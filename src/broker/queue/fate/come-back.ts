import type { Offset } from '../../../lib/brand.ts'
import type { Publication } from '../../../message/publication.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import { change } from '../queue-host.ts'
import type { QueueState } from '../queue-state.ts'
import { failuresOf, returnedOnce } from './counts.ts'
import { retryDelayMs } from './retry.ts'

/** A message that had left its queue, as it lies elsewhere now, and as it is to be put back. */
export type Returning = {
  readonly message: StoredMessage
  readonly publication: Publication
  /** When it left; see `counts.ts`. */
  readonly counts: number
}

/**
 * Puts it before all others, as one that was given back and counts: it may have to wait, or go to
 * the dead letters. False: those did not take it, so it has to stay where it is.
 */
export function comeBack(queue: QueueState, { message, publication, counts }: Returning): boolean {
  const { host, settings } = queue
  const now = returnedOnce(counts, true)
  const failures = failuresOf(now)
  if (settings.deliveryLimit !== null && failures > settings.deliveryLimit) {
    const { deadLetters } = host
    const isWanted = deadLetters !== null && settings.deadLetterExchange !== null
    if (isWanted && !deadLetters.send(queue, message, 'delivery_limit')) return false
    queue.counters.died++
    return true
  }
  const { retry } = settings
  const delayMs = retry === null ? null : retryDelayMs(retry, true, failures)
  const lane = queue.lanes.first
  const offset = lane.log.endOffset + host.packers.waitingCount(lane.log.id)
  queue.addFirst(lane, publication)
  queue.counters.requeued++
  host.noteChange(queue, change.more)
  lane.offsets.carry(offset as Offset, now, delayMs === null ? null : host.now() + delayMs)
  if (delayMs !== null) queue.plan()
  return true
}
