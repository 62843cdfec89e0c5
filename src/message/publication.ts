import { type Origin, origins } from './origin.ts'

const EMPTY = Buffer.alloc(0)
const ADDRESS_NONE = Buffer.from([0, 0])

/** What traces say of a client. */
export type Sender = {
  readonly connection: string
  /** 0 where connections have no channels. */
  readonly channel: number
  readonly user: string
}

/**
 * One message on its way in. Protocols fill one object again and again, so whoever keeps anything
 * of it copies it. The bytes are where the socket put them: they are valid during the call only.
 */
export class Publication {
  origin: Origin = origins.amqp091
  /** As its sender addressed it; decoded, since a router looks at them. */
  exchange = ''
  routingKey = ''
  /** Further routing keys (CC and BCC), null for none. */
  copies: readonly string[] | null = null
  /** The same as stored: exchange and routing key, each after a byte that says its length. */
  address: Buffer = ADDRESS_NONE
  addressStart = 0
  addressEnd = 2
  properties: Buffer = EMPTY
  propertiesStart = 0
  propertiesEnd = 0
  body: Buffer = EMPTY
  bodyStart = 0
  bodyEnd = 0
  /** What Kafka calls the key: decides the partition, and the group of a message. */
  key: Buffer | null = null
  /** Milliseconds, -1 when it never expires by itself. */
  ttlMs = -1
  /** 0 to 255. */
  priority = 0
  /** Milliseconds before it is routed, by an exchange or queue that can delay. -1: not said. */
  delayMs = -1
  isPersistent = false
  /** Encoded `Annotations`, or null. */
  annotations: Buffer | null = null
  /** Milliseconds since 1970, the broker's time of arrival. -1: now. */
  timestamp = -1
  /** Who sends it; null: the broker, or nobody who can be named. */
  sender: Sender | null = null

  get bodyBytes(): number {
    return this.bodyEnd - this.bodyStart
  }

  /** Exchange and routing key in both forms, for those who do not have the bytes at hand. */
  addressTo(exchange: string, routingKey: string): void {
    this.exchange = exchange
    this.routingKey = routingKey
    this.address = addressBytes(exchange, routingKey)
    this.addressStart = 0
    this.addressEnd = this.address.length
  }

  /** The same, with bytes of its own: for those who keep it. */
  copy(): Publication {
    const made = new Publication()
    const addressBytes = this.addressEnd - this.addressStart
    const propertiesBytes = this.propertiesEnd - this.propertiesStart
    const bytes = Buffer.allocUnsafeSlow(addressBytes + propertiesBytes + this.bodyBytes)
    this.address.copy(bytes, 0, this.addressStart, this.addressEnd)
    this.properties.copy(bytes, addressBytes, this.propertiesStart, this.propertiesEnd)
    this.body.copy(bytes, addressBytes + propertiesBytes, this.bodyStart, this.bodyEnd)
    Object.assign(made, this)
    made.address = made.properties = made.body = bytes
    made.addressStart = 0
    made.addressEnd = made.propertiesStart = addressBytes
    made.propertiesEnd = made.bodyStart = addressBytes + propertiesBytes
    made.bodyEnd = bytes.length
    made.key = this.key === null ? null : Buffer.from(this.key)
    return made
  }
}

/** A length byte and the exchange, a length byte and the routing key; 255 bytes each at most. */
export function addressBytes(exchange: string, routingKey: string): Buffer {
  const exchangeBytes = Buffer.from(exchange)
  const routingKeyBytes = Buffer.from(routingKey)
  const lengths = [exchangeBytes.length, routingKeyBytes.length]
  if (lengths.some(length => length > 255)) throw new RangeError('a name has 255 bytes at most')
  return Buffer.concat([
    Buffer.of(exchangeBytes.length),
    exchangeBytes,
    Buffer.of(routingKeyBytes.length),
    routingKeyBytes,
  ])
}
