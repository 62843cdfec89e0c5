import { limits } from '../../../../limits/limits.ts'
import { EGRESS_RESERVE_BYTES_MAX, type Egress } from '../../../protocol.ts'
import {
  CONTENT_HEAD_BYTES,
  classId,
  FRAME_END,
  FRAME_HEAD_BYTES,
  FRAME_OVERHEAD_BYTES,
  frameType,
} from '../../constants.ts'

const TAG_BYTES = 8
/** So little that what the egress reserves for it is hardly ever larger than it needs. */
const COPY_STEP_BYTES = 4096
/** Fewer bytes are copied faster by a loop than by a call. */
const LOOP_BYTES_MAX = 48
const HIGH = 2 ** 32

/** A range of bytes that somebody else owns. */
export type Range = { bytes: Buffer; start: number; end: number }

export const range = (bytes: Buffer = Buffer.alloc(0), start = 0, end = bytes.length): Range => ({
  bytes,
  start,
  end,
})

/**
 * Encodes methods that carry a message, with the message, straight into the egress. The caller
 * fills the ranges; nothing of them is kept but bodies that are too large to be lent, by reference.
 */
export class ContentFrames {
  /** Exchange and routing key as on the wire. */
  readonly address = range()
  /** Flags and property list. */
  readonly properties = range()
  readonly body = range()
  readonly #egress: Egress
  readonly #channel: number
  readonly #bodyBytesMax: number

  constructor(egress: Egress, channel: number, frameMax: number) {
    this.#egress = egress
    this.#channel = channel
    this.#bodyBytesMax = frameMax - FRAME_OVERHEAD_BYTES
  }

  /** basic.deliver: `prefix` is class, method and consumer tag. */
  deliver(prefix: Buffer, tag: number, isRedelivered: boolean): void {
    const argumentBytes = prefix.length + TAG_BYTES + 1 + this.#addressBytes
    let at = this.#begin(argumentBytes)
    const into = this.#into
    at = copy(prefix, 0, prefix.length, into, at)
    at = writeTag(into, at, tag)
    into[at++] = isRedelivered ? 1 : 0
    at = copy(this.address.bytes, this.address.start, this.address.end, into, at)
    this.#finish(at)
  }

  /** basic.get-ok: `prefix` is class and method. */
  getOk(prefix: Buffer, tag: number, isRedelivered: boolean, messageCount: number): void {
    const argumentBytes = prefix.length + TAG_BYTES + 1 + this.#addressBytes + 4
    let at = this.#begin(argumentBytes)
    const into = this.#into
    at = copy(prefix, 0, prefix.length, into, at)
    at = writeTag(into, at, tag)
    into[at++] = isRedelivered ? 1 : 0
    at = copy(this.address.bytes, this.address.start, this.address.end, into, at)
    at = writeUint32(into, at, Math.min(messageCount, HIGH - 1))
    this.#finish(at)
  }

  /** basic.return: `prefix` is class, method, code and text. */
  returned(prefix: Buffer): void {
    let at = this.#begin(prefix.length + this.#addressBytes)
    const into = this.#into
    at = copy(prefix, 0, prefix.length, into, at)
    at = copy(this.address.bytes, this.address.start, this.address.end, into, at)
    this.#finish(at)
  }

  #into: Buffer = Buffer.alloc(0)
  /** Into a buffer of its own, since there is too much for the egress to reserve. */
  #isApart = false

  get #addressBytes(): number {
    return this.address.end - this.address.start
  }

  /** Room for all frames, or all but the body's; the head of the method frame is written. */
  #begin(argumentBytes: number): number {
    const propertyBytes = this.properties.end - this.properties.start
    const bodyBytes = this.body.end - this.body.start
    const headBytes = argumentBytes + CONTENT_HEAD_BYTES + propertyBytes + 2 * FRAME_OVERHEAD_BYTES
    const isOneFrame = bodyBytes <= this.#bodyBytesMax
    const allBytes = headBytes + FRAME_OVERHEAD_BYTES + bodyBytes
    this.#hasBody = isOneFrame && allBytes <= EGRESS_RESERVE_BYTES_MAX
    const sizeBytes = this.#hasBody ? allBytes : headBytes
    this.#isApart = sizeBytes > EGRESS_RESERVE_BYTES_MAX
    this.#into = this.#isApart ? Buffer.allocUnsafeSlow(sizeBytes) : this.#egress.reserve(sizeBytes)
    const at = this.#isApart ? 0 : this.#egress.position
    return this.#frameHead(this.#into, at, frameType.METHOD, argumentBytes)
  }

  #hasBody = false

  /** From the end of the method's arguments on. */
  #finish(argumentsEnd: number): void {
    const into = this.#into
    const { properties, body } = this
    const bodyBytes = body.end - body.start
    let at = argumentsEnd
    into[at++] = FRAME_END
    const contentBytes = CONTENT_HEAD_BYTES + properties.end - properties.start
    at = this.#frameHead(into, at, frameType.HEADER, contentBytes)
    into[at++] = 0
    into[at++] = classId.BASIC
    into[at++] = 0 // Weight.
    into[at++] = 0
    at = writeTag(into, at, bodyBytes)
    at = copy(properties.bytes, properties.start, properties.end, into, at)
    into[at++] = FRAME_END
    if (this.#hasBody && bodyBytes > 0) {
      at = this.#frameHead(into, at, frameType.BODY, bodyBytes)
      at = copy(body.bytes, body.start, body.end, into, at)
      into[at++] = FRAME_END
    }
    if (this.#isApart) this.#egress.write(into)
    else this.#egress.advance(at)
    if (!this.#hasBody) this.#writeBody()
    this.#into = NOTHING
  }

  #writeBody(): void {
    const { bytes, start, end } = this.body
    const isLent = end - start <= limits.lentBodyBytesMax
    for (let at = start; at < end; at += this.#bodyBytesMax) {
      const next = Math.min(end, at + this.#bodyBytesMax)
      const head = this.#egress.reserve(FRAME_HEAD_BYTES)
      const { position } = this.#egress
      this.#egress.advance(this.#frameHead(head, position, frameType.BODY, next - at))
      if (isLent) this.#copyBody(at, next)
      else this.#egress.write(bytes.subarray(at, next))
      this.#egress.write(FRAME_END_BYTES)
    }
  }

  #copyBody(start: number, end: number): void {
    const { bytes } = this.body
    for (let at = start; at < end; at += COPY_STEP_BYTES) {
      const sizeBytes = Math.min(COPY_STEP_BYTES, end - at)
      const into = this.#egress.reserve(sizeBytes)
      const { position } = this.#egress
      this.#egress.advance(position + bytes.copy(into, position, at, at + sizeBytes))
    }
  }

  #frameHead(into: Buffer, start: number, type: number, sizeBytes: number): number {
    let at = start
    into[at++] = type
    into[at++] = this.#channel >>> 8
    into[at++] = this.#channel
    return writeUint32(into, at, sizeBytes)
  }
}

const FRAME_END_BYTES = Buffer.of(FRAME_END)
const NOTHING = Buffer.alloc(0)

/** Returns where the copy ends. */
export function copy(from: Buffer, start: number, end: number, into: Buffer, at: number): number {
  let to = at
  if (end - start > LOOP_BYTES_MAX) return at + from.copy(into, at, start, end)
  for (let index = start; index < end; index++) into[to++] = from[index]!
  return to
}

/** Eight bytes of a number below 2^53. */
function writeTag(into: Buffer, start: number, value: number): number {
  const high = Math.floor(value / HIGH)
  return writeUint32(into, writeUint32(into, start, high), value - high * HIGH)
}

function writeUint32(into: Buffer, start: number, value: number): number {
  let at = start
  into[at++] = value >>> 24
  into[at++] = value >>> 16
  into[at++] = value >>> 8
  into[at++] = value
  return at
}
