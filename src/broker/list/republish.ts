import type { StoredMessage } from '../../message/stored-message.ts'
import type { Publication } from '../../message/publication.ts'
import { propertiesOf } from '../publish/index.ts'

/** Fills a publication with a stored message, as it is: for those who put it elsewhere. */
export function fillFrom(publication: Publication, message: StoredMessage): void {
  const properties = propertiesOf(message)
  publication.origin = message.origin
  publication.exchange = ''
  publication.routingKey = ''
  if (message.addressEnd > message.addressStart) {
    publication.address = message.bytes
    publication.addressStart = message.addressStart
    publication.addressEnd = message.addressEnd
  } else publication.addressTo('', '')
  publication.properties = properties
  publication.propertiesStart = 0
  publication.propertiesEnd = properties.length
  publication.body = message.body
  publication.bodyStart = message.bodyStart
  publication.bodyEnd = message.bodyEnd
  publication.key = message.key()
  publication.ttlMs = message.ttlMs
  publication.priority = message.priority
  publication.timestamp = message.timestamp
  publication.annotations = message.hasAnnotations
    ? message.bytes.subarray(message.annotationsStart, message.annotationsEnd)
    : null
}
