import type { Annotations } from '../../../message/annotations.ts'
import type { Mappings } from '../../../message/mapping.ts'
import { origins, type Origin } from '../../../message/origin.ts'
import {
  addressHeaders,
  headersOfCommon,
  type HeaderWriter,
} from '../../../message/record-mapping.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'

/** Longer envelopes are not remembered: two that are alike are rare. */
const KEPT_BYTES_MAX = 4096
/** Below it a loop is faster than a call. */
const LOOP_BYTES_MAX = 64

/**
 * What a message's properties look like as record headers, their number in front. Neighbours often
 * say the same of themselves, so the last answer is kept.
 */
export class ReadableHeaders {
  readonly #mappings: Mappings
  /** Address and properties of the last message, which lie together. */
  readonly #said = Buffer.allocUnsafeSlow(KEPT_BYTES_MAX)
  #saidBytes = -1
  #origin: Origin = origins.kafka
  #ttlMs = -1
  #headers: Buffer = Buffer.alloc(0)

  constructor(mappings: Mappings) {
    this.#mappings = mappings
  }

  /** Valid until the next call. */
  of(message: StoredMessage): Buffer {
    if (this.#isSame(message)) return this.#headers
    const writer = headersOfCommon(this.#mappings.commonOf(message))
    addAddress(writer, message)
    if (message.hasAnnotations) addAnnotations(writer, message.annotations())
    this.#headers = writer.toRecordBytes()
    this.#keep(message)
    return this.#headers
  }

  #isSame(message: StoredMessage): boolean {
    const { bytes, addressStart, propertiesEnd } = message
    const sizeBytes = propertiesEnd - addressStart
    if (sizeBytes !== this.#saidBytes || message.hasAnnotations) return false
    if (message.origin !== this.#origin || message.ttlMs !== this.#ttlMs) return false
    const said = this.#said
    if (sizeBytes > LOOP_BYTES_MAX)
      return said.compare(bytes, addressStart, propertiesEnd, 0, sizeBytes) === 0
    for (let index = 0; index < sizeBytes; index++)
      if (said[index] !== bytes[addressStart + index]) return false
    return true
  }

  #keep(message: StoredMessage): void {
    const sizeBytes = message.propertiesEnd - message.addressStart
    this.#saidBytes = -1
    if (message.hasAnnotations || sizeBytes > KEPT_BYTES_MAX) return
    message.bytes.copy(this.#said, 0, message.addressStart, message.propertiesEnd)
    this.#saidBytes = sizeBytes
    this.#origin = message.origin
    this.#ttlMs = message.ttlMs
  }
}

/** The default exchange is no news: its routing key is the name of the topic. */
function addAddress(writer: HeaderWriter, message: StoredMessage): void {
  const exchange = message.exchange()
  if (exchange === '') return
  writer.add(addressHeaders.exchange, exchange)
  writer.add(addressHeaders.routingKey, message.routingKey())
}

function addAnnotations(writer: HeaderWriter, annotations: Annotations): void {
  const { deaths, firstDeath, lastDeath, delayedMs } = annotations
  if (deaths !== undefined) writer.add(addressHeaders.deaths, JSON.stringify(deaths))
  if (firstDeath !== undefined) writer.add(addressHeaders.firstDeath, JSON.stringify(firstDeath))
  if (lastDeath !== undefined) writer.add(addressHeaders.lastDeath, JSON.stringify(lastDeath))
  if (delayedMs !== undefined) writer.add(addressHeaders.delay, String(-delayedMs))
}
