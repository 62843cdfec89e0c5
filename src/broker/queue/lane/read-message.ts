import type { Offset } from '../../../lib/brand.ts'
import type { Log } from '../../../log/store.ts'
import { MessageReader } from '../../../message/message-reader.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { SharedBodies } from '../../bodies/index.ts'

/** Shows one message, wherever it lies. False when its log has lost it. */
export function readMessage(
  log: Log,
  bodies: SharedBodies | null,
  offset: Offset,
  view: StoredMessage,
): boolean | Promise<boolean> {
  if (offset < log.startOffset || offset >= log.confirmedEnd) return false
  const show = (batches: readonly Buffer[]): boolean | Promise<boolean> => {
    const reader = new MessageReader()
    if (batches.length === 0) return false
    reader.open(batches[0]!)
    if (!reader.find(offset, view) || view.offset !== offset) return false
    return !view.isBodyElsewhere || (bodies?.fill(view) ?? false)
  }
  const read = log.read(offset, 1)
  return read instanceof Promise ? read.then(show) : show(read)
}
