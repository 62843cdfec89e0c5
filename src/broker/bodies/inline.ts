import {
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

/** What a reader wants of batches: from an offset on, and about so many bytes. */
export type Wanted = { readonly from: number; readonly bytesMax: number }

type Read = readonly Buffer[] | Promise<readonly Buffer[]>

/**
 * The same batches with every body where its record is, for readers who take batches as a whole.
 * Bodies are larger than what referred to them, so batches are cut where the bytes are reached; at
 * least one record is there. Where no body lies elsewhere, the batches come back as they are.
 */
export function inlineBodies(source: BodySource, read: Read, wanted: Wanted): Read {
  if (read instanceof Promise) return read.then(batches => inlineBodies(source, batches, wanted))
  return read.some(isReferring) ? inlineAll(source, read, wanted) : read
}

async function inlineAll(
  source: BodySource,
  batches: readonly Buffer[],
  { from, bytesMax }: Wanted,
): Promise<readonly Buffer[]> {
  const made: Buffer[] = []
  let left = bytesMax
  for (const batch of batches) {
    if (left <= 0) break
    const inlined = isReferring(batch)
      ? await inlineOne(source, batch, { from, bytesMax: left })
      : batch
    if (inlined === null) continue
    made.push(inlined)
    left -= inlined.length
    if (lastOffsetOf(inlined) < lastOffsetOf(batch)) break
  }
  return made
}

/** Null when the batch has nothing from the wanted offset on. */
async function inlineOne(
  source: BodySource,
  batch: Buffer,
  { from, bytesMax }: Wanted,
): Promise<Buffer | null> {
  const reader = new MessageReader()
  const view = new StoredMessage()
  const records: NewRecord[] = []
  let baseOffset = -1
  let bytes = 0
  reader.open(batch)
  for (let offset = from; bytes < bytesMax && reader.find(offset, view); offset = view.offset + 1) {
    if (baseOffset < 0) baseOffset = view.offset
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
    bytes += view.bodyBytes + envelope.length
  }
  if (records.length === 0) return null
  return encodeBatch(records, { baseOffset, isEnveloped: isEnveloped(batch) })
}
