import {
  baseOffsetOf,
  encodeBatch,
  isEnveloped,
  isReferring,
  lastOffsetOf,
  type NewRecord,
} from '../../log/batch/index.ts'
import { MessageReader } from '../../message/message-reader.ts'
import { envelopeFlag, StoredMessage } from '../../message/stored-message.ts'

const NO_BODY = Buffer.alloc(0)

/** Who can show a body; false when it is gone. */
export type BodySource = { fill(view: StoredMessage): boolean | Promise<boolean> }

/**
 * The same batches with every body where its record is, for readers who take batches as a whole.
 * Those without such records come back as they are.
 */
export function inlineBodies(
  source: BodySource,
  batches: readonly Buffer[],
): readonly Buffer[] | Promise<readonly Buffer[]> {
  if (!batches.some(isReferring)) return batches
  return Promise.all(batches.map(batch => (isReferring(batch) ? inlined(source, batch) : batch)))
}

async function inlined(source: BodySource, batch: Buffer): Promise<Buffer> {
  const reader = new MessageReader()
  const view = new StoredMessage()
  const records: NewRecord[] = []
  const baseOffset = baseOffsetOf(batch)
  reader.open(batch)
  for (let offset: number = baseOffset; reader.find(offset, view); offset = view.offset + 1) {
    const envelope = Buffer.from(view.bytes.subarray(view.envelopeStart, view.propertiesEnd))
    const isThere = !view.isBodyElsewhere || (await source.fill(view))
    envelope[1]! &= ~envelopeFlag.bodyElsewhere
    records.push({
      timestamp: view.timestamp,
      key: view.key(),
      value: isThere ? view.body.subarray(view.bodyStart, view.bodyEnd) : NO_BODY,
      headers: [{ key: '', value: envelope }],
      offsetDelta: view.offset - baseOffset,
    })
  }
  const lastOffsetDelta = lastOffsetOf(batch) - baseOffset
  return encodeBatch(records, { baseOffset, lastOffsetDelta, isEnveloped: isEnveloped(batch) })
}
