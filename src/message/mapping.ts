import { assert } from '../lib/assert.ts'
import { type CommonProperties, propertiesNone } from './common.ts'
import { entryMapping } from './entry-mapping.ts'
import { type Origin, origins } from './origin.ts'
import { recordMapping } from './record-mapping.ts'
import type { StoredMessage } from './stored-message.ts'

/** How one protocol's property bytes are read and written. Registered by the protocol. */
export interface Mapping {
  readonly origin: Origin
  readonly protocol: string
  /** The bytes were checked when they came in; what cannot be read all the same is left out. */
  toCommon(properties: Buffer): CommonProperties
  fromCommon(common: CommonProperties): Buffer
}

/** Messages that say nothing beside their body. They are not transient: nobody allowed that. */
const plainMapping: Mapping = {
  origin: origins.redis,
  protocol: 'redis',
  toCommon: () => plain,
  fromCommon: () => NO_PROPERTIES,
}
const plain: CommonProperties = { ...propertiesNone, isPersistent: true }
const NO_PROPERTIES = Buffer.alloc(0)

/** The mappings of the protocols that are there. */
export class Mappings {
  readonly #byOrigin = new Map<Origin, Mapping>([
    [recordMapping.origin, recordMapping],
    [plainMapping.origin, plainMapping],
    [entryMapping.origin, entryMapping],
  ])

  register(mapping: Mapping): void {
    this.#byOrigin.set(mapping.origin, mapping)
  }

  of(origin: Origin): Mapping {
    const mapping = this.#byOrigin.get(origin)
    assert(mapping !== undefined, `a protocol of origin ${origin} is registered`)
    return mapping
  }

  /** What a stored message says, in words that every protocol has. */
  commonOf(message: StoredMessage): CommonProperties {
    const isEnveloped = message.addressEnd > message.addressStart
    if (message.origin === recordMapping.origin && !isEnveloped) {
      const { bytes, headersStart, headersEnd } = message
      const common = recordMapping.toCommon(bytes.subarray(headersStart, headersEnd))
      // A Kafka producer says the time in the record itself.
      const timestamp = common.timestamp ?? (message.timestamp < 0 ? null : message.timestamp)
      return { ...common, key: message.key(), timestamp }
    }
    const common = this.of(message.origin).toCommon(message.properties())
    const ttlMs = message.ttlMs < 0 ? null : message.ttlMs
    return { ...common, key: message.key() ?? common.key, ttlMs }
  }

  /** The property bytes of a message in the encoding of another protocol. */
  propertiesIn(origin: Origin, message: StoredMessage): Buffer {
    if (message.origin === origin && origin !== recordMapping.origin) return message.properties()
    return this.of(origin).fromCommon(this.commonOf(message))
  }
}
