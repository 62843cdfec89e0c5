import { origins } from '../../message/origin.ts'
import { Publication } from '../../message/publication.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import type { Element } from './list.ts'

/** The message that is looked at, and the one that is put somewhere: one of each for all lists. */
export const view = new StoredMessage()
export const publication = new Publication()

export function show(element: Element): void {
  element.bytes = view.body
  element.start = view.bodyStart
  element.end = view.bodyEnd
}

export function showNothing(element: Element): void {
  element.start = 0
  element.end = 0
}

/** Whether the message that is looked at has these bytes. */
export function isBody(bytes: Buffer, start: number, end: number): boolean {
  if (view.bodyEnd - view.bodyStart !== end - start) return false
  return view.body.compare(bytes, start, end, view.bodyStart, view.bodyEnd) === 0
}

/** A message that is nothing but its bytes. */
export function fillPlain(address: Buffer, bytes: Buffer, start: number, end: number): void {
  publication.origin = origins.redis
  publication.address = address
  publication.addressStart = 0
  publication.addressEnd = address.length
  publication.propertiesStart = 0
  publication.propertiesEnd = 0
  publication.body = bytes
  publication.bodyStart = start
  publication.bodyEnd = end
  publication.key = null
  publication.ttlMs = -1
  publication.priority = 0
  publication.timestamp = -1
  publication.annotations = null
}
