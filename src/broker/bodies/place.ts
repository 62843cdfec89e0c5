import { readInt64 } from '../../log/batch/index.ts'
import type { LogId } from '../../log/store.ts'
import type { StoredMessage } from '../../message/stored-message.ts'

/** Where a body lies that is stored once for several records. */
export type BodyPlace = { readonly log: LogId; readonly offset: number }

/** The view shows a record whose value is the place: see `envelopeFlag.bodyElsewhere`. */
export function placeOf(view: StoredMessage): BodyPlace {
  const { body, bodyStart } = view
  return { log: readInt64(body, bodyStart) as LogId, offset: readInt64(body, bodyStart + 8) }
}

/** The body of `found` is the body of the message that referred to it. */
export function showBody(view: StoredMessage, found: StoredMessage): void {
  view.body = found.body
  view.bodyStart = found.bodyStart
  view.bodyEnd = found.bodyEnd
  view.isBodyElsewhere = false
}
