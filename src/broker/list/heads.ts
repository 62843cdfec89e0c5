import type { StoredMessage } from '../../message/stored-message.ts'
import { dieNow, isTooMuch, type QueueState } from '../queue/index.ts'

/** Lets go, at once, of what is too old or too much, as the queue would at the end of the turn. */
export function dropHeads(queue: QueueState, view: StoredMessage): void {
  const { host, lanes } = queue
  for (const lane of lanes.inOrder()) {
    for (;;) {
      let offset = lane.offsets.first()
      if (offset < 0 && host.packers.waitingCount(lane.log.id) > 0) {
        host.flush()
        offset = lane.offsets.first()
      }
      if (offset < 0) break
      const isOver = queue.isDropping && isOverfull(queue)
      if (!isOver && !queue.mayExpire) break
      if (!lane.showNow(offset, view, false)) {
        lane.takeOut(offset, 0)
        continue
      }
      if (isOver) dieNow(queue, { lane, offset, view, reason: 'maxlen' })
      else if (isExpired(queue, view)) dieNow(queue, { lane, offset, view, reason: 'expired' })
      else break
    }
  }
}

function isOverfull(queue: QueueState): boolean {
  const bytes = queue.settings.lengthBytesMax === null ? 0 : queue.readyBytes
  return isTooMuch(queue, queue.readyNow + queue.arrivingCount, bytes)
}

function isExpired({ settings, host }: QueueState, view: StoredMessage): boolean {
  const { messageTtlMs } = settings
  const { ttlMs, timestamp } = view
  if (timestamp < 0 || (ttlMs < 0 && messageTtlMs === null)) return false
  const lifeMs = ttlMs < 0 ? messageTtlMs! : Math.min(ttlMs, messageTtlMs ?? ttlMs)
  return timestamp + lifeMs <= host.now()
}
