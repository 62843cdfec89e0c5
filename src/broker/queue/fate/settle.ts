import type { Offset } from '../../../lib/brand.ts'
import type { DeathReason } from '../../../message/annotations.ts'
import { unreachable } from '../../../lib/assert.ts'
import type { Settlement } from '../consumer.ts'
import { messageKey } from '../consumers/held.ts'
import type { LogLane } from '../lane/index.ts'
import { change } from '../queue-host.ts'
import type { QueueState } from '../queue-state.ts'
import { failuresOf, handOutsOf, returnedOnce } from './counts.ts'
import { Deathbed } from './deathbed.ts'
import { retryDelayMs } from './retry.ts'

export function settleOne(
  queue: QueueState,
  lane: LogLane,
  offset: Offset,
  settlement: Settlement,
): void {
  switch (settlement.kind) {
    case 'accept':
      queue.counters.accepted++
      lane.settle(offset)
      break
    case 'requeue':
      giveBack(queue, lane, offset, settlement.isCounted)
      break
    case 'reject':
      die(queue, lane, offset, 'rejected')
      break
    default:
      unreachable(settlement)
  }
  if (queue.held !== null || queue.groups !== null) letGo(queue, lane.index, offset)
  queue.host.noteSettled(queue)
}

/** Both ends included. */
export function settleRange(
  queue: QueueState,
  lane: LogLane,
  [first, last]: readonly [Offset, Offset],
  settlement: Settlement,
): void {
  if (settlement.kind !== 'accept') {
    for (let offset: number = first; offset <= last; offset++)
      settleOne(queue, lane, offset as Offset, settlement)
    return
  }
  queue.counters.accepted += last - first + 1
  lane.settleRange(first, last)
  if (queue.held !== null || queue.groups !== null)
    for (let offset: number = first; offset <= last; offset++) letGo(queue, lane.index, offset)
  queue.host.noteSettled(queue)
}

/** It is out, and nobody is to have it again. */
export function die(queue: QueueState, lane: LogLane, offset: Offset, reason: DeathReason): void {
  queue.counters.died++
  if (queue.host.deadLetters === null || queue.settings.deadLetterExchange === null) {
    lane.settle(offset)
    return
  }
  queue.deathbed ??= new Deathbed(queue.host, queue)
  queue.deathbed.add({ lane, offset, reason })
}

function giveBack(queue: QueueState, lane: LogLane, offset: Offset, isCounted: boolean): void {
  const { deliveryLimit, retry } = queue.settings
  const counts = returnedOnce(lane.countOf(offset), isCounted)
  const failures = failuresOf(counts)
  if (isCounted && deliveryLimit !== null && failures > deliveryLimit) {
    die(queue, lane, offset, 'delivery_limit')
    return
  }
  queue.counters.requeued++
  const attempt = isCounted ? failures : handOutsOf(counts)
  const delayMs = retry === null ? null : retryDelayMs(retry, isCounted, attempt)
  if (delayMs === null) {
    lane.giveBack(offset, counts, null)
    queue.host.markDirty(queue)
    queue.host.noteChange(queue, change.more)
    return
  }
  lane.giveBack(offset, counts, queue.host.now() + delayMs)
  queue.groups?.delayed(messageKey(lane.index, offset))
  queue.plan()
}

/** Nobody holds it any more. */
function letGo(queue: QueueState, lane: number, offset: number): void {
  const key = messageKey(lane, offset)
  queue.held?.settled(key)
  if (queue.groups?.settled(key) === true) queue.host.markDirty(queue)
}
