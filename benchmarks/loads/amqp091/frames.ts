/** Frames as a client sends them, written by hand: the load must cost less than the broker. */

const FRAME_END = 0xce

export const methodId = {
  start: 0x000a000a,
  startOk: 0x000a000b,
  tune: 0x000a001e,
  tuneOk: 0x000a001f,
  open: 0x000a0028,
  openOk: 0x000a0029,
  connectionClose: 0x000a0032,
  channelOpen: 0x0014000a,
  channelClose: 0x00140028,
  exchangeDeclare: 0x0028000a,
  exchangeDelete: 0x00280014,
  queueDeclare: 0x0032000a,
  queueBind: 0x00320014,
  queueDelete: 0x00320028,
  qos: 0x003c000a,
  consume: 0x003c0014,
  publish: 0x003c0028,
  deliver: 0x003c003c,
  ack: 0x003c0050,
  nack: 0x003c0078,
  confirmSelect: 0x0055000a,
} as const

export function frame(type: number, channel: number, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(8 + payload.length)
  bytes[0] = type
  bytes.writeUInt16BE(channel, 1)
  bytes.writeUInt32BE(payload.length, 3)
  payload.copy(bytes, 7)
  bytes[7 + payload.length] = FRAME_END
  return bytes
}

export function method(channel: number, id: number, ...fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(id)
  return frame(1, channel, Buffer.concat([head, ...fields]))
}

export const uint8 = (value: number): Buffer => Buffer.of(value)

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function shortString(text: string): Buffer {
  return Buffer.concat([uint8(Buffer.byteLength(text)), Buffer.from(text)])
}

export function longString(text: string): Buffer {
  return Buffer.concat([uint32(Buffer.byteLength(text)), Buffer.from(text)])
}

const BASIC = 60
const DELIVERY_MODE_FLAG = 1 << 12
const FRAME_BYTES_MAX = 131_072

export type Target = { readonly exchange: string; readonly routingKey: string }

/** One message. Its body, when it fits into a frame, ends one byte before the last. */
export function publishFrames(target: Target, body: Buffer, isPersistent: boolean): Buffer {
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(body.length))
  const header = [uint16(BASIC), uint16(0), size, uint16(DELIVERY_MODE_FLAG)]
  const bodies: Buffer[] = []
  for (let from = 0; from < body.length; from += FRAME_BYTES_MAX - 8)
    bodies.push(frame(3, 1, body.subarray(from, from + FRAME_BYTES_MAX - 8)))
  const names = [shortString(target.exchange), shortString(target.routingKey)]
  return Buffer.concat([
    method(1, methodId.publish, uint16(0), ...names, uint8(0)),
    frame(2, 1, Buffer.concat([...header, uint8(isPersistent ? 2 : 1)])),
    ...bodies,
  ])
}
