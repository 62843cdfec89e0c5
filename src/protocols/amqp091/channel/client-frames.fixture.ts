import { methodFrame } from '../codec/index.ts'
import { FRAME_END, frameType } from '../constants.ts'
import { basicPublish } from '../schema/index.ts'
import { noProperties, type Properties, writeProperties } from './content/properties.ts'

export type PublishTarget = {
  readonly exchange?: string
  readonly routingKey?: string
  readonly mandatory?: boolean
  readonly immediate?: boolean
}

/** The frames of one message. */
export function publishBytes(
  channel: number,
  target: PublishTarget,
  body: Buffer,
  properties: Partial<Properties> = {},
  bodyFrameBytes = 131_064,
): Buffer {
  const { exchange = '', routingKey = '', mandatory = false, immediate = false } = target
  const head = Buffer.alloc(12)
  head.writeUInt16BE(60)
  head.writeBigUInt64BE(BigInt(body.length), 4)
  const frames = [
    methodFrame(channel, basicPublish, { exchange, routingKey, mandatory, immediate }),
    frame(frameType.HEADER, channel, [head, writeProperties({ ...noProperties, ...properties })]),
  ]
  for (let at = 0; at < body.length; at += bodyFrameBytes)
    frames.push(frame(frameType.BODY, channel, [body.subarray(at, at + bodyFrameBytes)]))
  return Buffer.concat(frames)
}

export function frame(type: number, channel: number, payload: readonly Buffer[]): Buffer {
  const sizeBytes = payload.reduce((sum, { length }) => sum + length, 0)
  const head = Buffer.alloc(7)
  head[0] = type
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(sizeBytes, 3)
  return Buffer.concat([head, ...payload, Buffer.of(FRAME_END)])
}
