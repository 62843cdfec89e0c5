import type { Publication } from '../../../message/publication.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import type { QueueState } from '../queue-state.ts'

/** Whether so many messages, or bytes of bodies, are more than the queue may hold. */
export function isTooMuch({ settings }: QueueState, count: number, bytes: number): boolean {
  const { lengthMax, lengthBytesMax } = settings
  return (
    (lengthMax !== null && count > lengthMax) || (lengthBytesMax !== null && bytes > lengthBytesMax)
  )
}

/** True when the queue is full and does not take it. It may be sent to the dead letters instead. */
export function rejectPublication(queue: QueueState, publication: Publication): boolean {
  const { settings, host } = queue
  const bytes = settings.lengthBytesMax === null ? 0 : queue.readyBytes
  if (!isTooMuch(queue, queue.readyCount + 1, bytes + publication.bodyBytes)) return false
  if (settings.overflow === 'reject-publish-dlx' && settings.deadLetterExchange !== null)
    host.deadLetters?.send(queue, storedLike(publication, host.now()), 'maxlen')
  return true
}

/** A message that was never stored, as it would look. */
function storedLike(publication: Publication, now: number): StoredMessage {
  const { address, addressStart, addressEnd, properties, annotations, key } = publication
  const parts = [
    key ?? EMPTY,
    annotations ?? EMPTY,
    address.subarray(addressStart, addressEnd),
    properties.subarray(publication.propertiesStart, publication.propertiesEnd),
  ] as const
  const message = new StoredMessage()
  message.bytes = Buffer.concat(parts)
  message.origin = publication.origin
  message.timestamp = publication.timestamp < 0 ? now : publication.timestamp
  message.ttlMs = publication.ttlMs
  message.priority = publication.priority
  message.keyEnd = key === null ? -1 : key.length
  message.annotationsStart = parts[0].length
  message.annotationsEnd = message.annotationsStart + parts[1].length
  message.addressStart = message.annotationsEnd
  message.addressEnd = message.addressStart + parts[2].length
  message.propertiesStart = message.addressEnd
  message.propertiesEnd = message.bytes.length
  message.body = publication.body
  message.bodyStart = publication.bodyStart
  message.bodyEnd = publication.bodyEnd
  return message
}

const EMPTY = Buffer.alloc(0)
