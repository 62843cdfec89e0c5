import { isUtf8 } from 'node:buffer'
import type { Route } from '../../../../broker/routing/exchange.ts'
import { limits } from '../../../../limits/limits.ts'
import { AmqpError } from '../../errors.ts'

/** Where messages of one exchange and routing key go, and whether this channel may send them. */
export type Address = {
  /** Exchange and routing key as on the wire and as stored, each after its length. */
  readonly bytes: Buffer
  readonly exchange: string
  readonly routingKey: string
  /** The name of a client's reply queue, which has no log and no route. */
  readonly isReply: boolean
  /** Null until it was asked for; to be asked for again when it is stale. */
  route: Route | null
  /** Of the access rules that allowed it. */
  accessVersion: number
}

const CAPACITY_MIN = 16
/** More places than that are looked at only where somebody chose names that fall together. */
const LOOKS_MAX = 256

/** Reply queues have the default exchange's names of this kind. */
export const REPLY_PREFIX = 'amq.rabbitmq.reply-to.'

/**
 * The addresses a channel published to, found by their bytes as they lie in the frame: a lookup
 * makes no string. When it is full, or a lookup takes too long, it starts afresh.
 */
export class Addresses {
  #table: (Address | undefined)[] = new Array(CAPACITY_MIN).fill(undefined)
  /** Of the address at the same place; 0 where there is none. Few others are looked at. */
  #hashes = new Int32Array(CAPACITY_MIN)
  #mask = CAPACITY_MIN - 1
  #count = 0
  #last: Address | null = null

  /** `[start, end)` is a length byte and the exchange, a length byte and the routing key. */
  find(bytes: Buffer, start: number, end: number): Address {
    const last = this.#last
    if (last !== null && isSame(last.bytes, bytes, start, end)) return last
    const wanted = hash(bytes, start, end)
    const hashes = this.#hashes
    let index = wanted & this.#mask
    for (let looks = 0; ; looks++) {
      const found = hashes[index]!
      if (found === 0) break
      if (looks === LOOKS_MAX) {
        this.#reset(CAPACITY_MIN)
        break
      }
      if (found === wanted) {
        const address = this.#table[index]!
        if (isSame(address.bytes, bytes, start, end)) return (this.#last = address)
      }
      index = (index + 1) & this.#mask
    }
    return (this.#last = this.#add(Buffer.from(bytes.subarray(start, end))))
  }

  #add(bytes: Buffer): Address {
    const address = decode(bytes)
    if (this.#count >= limits.channelAddressesMax) this.#reset(CAPACITY_MIN)
    if (this.#count * 2 >= this.#mask) {
      const known = this.#table
      this.#reset(known.length * 4)
      for (const one of known) if (one !== undefined) this.#insert(one)
    }
    this.#insert(address)
    return address
  }

  #insert(address: Address): void {
    const value = hash(address.bytes, 0, address.bytes.length)
    let index = value & this.#mask
    while (this.#hashes[index] !== 0) index = (index + 1) & this.#mask
    this.#table[index] = address
    this.#hashes[index] = value
    this.#count++
  }

  #reset(capacity: number): void {
    this.#table = new Array(capacity).fill(undefined)
    this.#hashes = new Int32Array(capacity)
    this.#mask = capacity - 1
    this.#count = 0
  }
}

function decode(bytes: Buffer): Address {
  const exchangeEnd = 1 + bytes[0]!
  const exchange = text(bytes.subarray(1, exchangeEnd))
  const routingKey = text(bytes.subarray(exchangeEnd + 1))
  const isReply = exchange === '' && routingKey.startsWith(REPLY_PREFIX)
  return { bytes, exchange, routingKey, isReply, route: null, accessVersion: -1 }
}

function text(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new AmqpError('FRAME_ERROR', 'Malformed UTF-8 in shortstr')
  return bytes.toString()
}

function isSame(known: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const length = end - start
  if (known.length !== length) return false
  // Backwards, because names tend to differ at their ends.
  for (let index = length - 1; index >= 0; index--)
    if (known[index] !== bytes[start + index]) return false
  return true
}

/** FNV-1a, whose low bits are good enough for a table of a power of two. Never 0. */
function hash(bytes: Buffer, start: number, end: number): number {
  let value = 0x811c9dc5
  for (let at = start; at < end; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193)
  return value ^ (value >>> 15) || 1
}
