import type { DeathReason } from '../../../message/annotations.ts'
import type { Offset } from '../../../lib/brand.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { LogLane } from '../lane/index.ts'
import { change } from '../queue-host.ts'
import type { QueueState } from '../queue-state.ts'
import { Deathbed } from './deathbed.ts'

/** What is ready, wherever it stands, and seen in the view. */
export type Doomed = {
  readonly lane: LogLane
  readonly offset: number
  readonly view: StoredMessage
  readonly reason: DeathReason
}

/** It goes where dead letters go, or nowhere. */
export function dieNow(queue: QueueState, { lane, offset, view, reason }: Doomed): void {
  const { host, settings } = queue
  const { deadLetters } = host
  const { bodyBytes } = view
  queue.counters.died++
  if (deadLetters !== null && settings.deadLetterExchange !== null) {
    const isSent = deadLetters.send(queue, view, reason)
    lane.takeAway(offset, bodyBytes)
    queue.deathbed ??= new Deathbed(host, queue)
    const dying = { lane, offset: offset as Offset, reason }
    if (isSent) queue.deathbed.sent(dying)
    else queue.deathbed.postpone(dying)
  } else {
    lane.takeOut(offset, bodyBytes)
    host.noteSettled(queue)
  }
  host.noteChange(queue, change.less)
}
