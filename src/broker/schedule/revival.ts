import { encodeAnnotations } from '../../message/annotations.ts'
import { Publication } from '../../message/publication.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import { decodeEntry } from './entry.ts'

/** Makes of a stored message the publication it was, with a note on how long it was delayed. */
export class Revival {
  readonly #publication = new Publication()
  /** Of the message that was revived last. */
  routingKey = ''
  #delayMs = -1
  #annotations = Buffer.alloc(0)

  /** Valid until the next call, and no longer than the view. */
  revive(view: StoredMessage): Publication {
    const entry = decodeEntry(view)
    const publication = this.#publication
    publication.origin = view.origin
    publication.exchange = view.exchange()
    publication.routingKey = view.routingKey()
    publication.address = view.bytes
    publication.addressStart = view.addressStart
    publication.addressEnd = view.addressEnd
    publication.properties = view.bytes
    publication.propertiesStart = view.propertiesStart
    publication.propertiesEnd = view.propertiesEnd
    publication.body = view.body
    publication.bodyStart = view.bodyStart
    publication.bodyEnd = view.bodyEnd
    publication.copies = entry.copies
    publication.key = entry.key
    publication.ttlMs = view.ttlMs
    publication.priority = view.priority
    publication.annotations = this.#annotationsOf(view, entry.delayMs)
    publication.isPersistent = true
    this.routingKey = entry.routingKey ?? publication.routingKey
    return publication
  }

  #annotationsOf(view: StoredMessage, delayedMs: number): Buffer {
    if (view.hasAnnotations) return encodeAnnotations({ ...view.annotations(), delayedMs })
    if (delayedMs === this.#delayMs) return this.#annotations
    this.#delayMs = delayedMs
    this.#annotations = Buffer.from(encodeAnnotations({ delayedMs }))
    return this.#annotations
  }
}
