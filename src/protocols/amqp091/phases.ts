import { type FrameSplitter, frameSnippet } from './codec/index.ts'
import { classId, frameType } from './constants.ts'
import { AmqpError } from './errors.ts'
import * as schema from './schema/index.ts'
import type { Method } from './schema/index.ts'

/** How far a connection has come. */
export type Phase =
  | 'header'
  | 'starting'
  | 'securing'
  | 'tuning'
  | 'opening'
  | 'running'
  /** We said why it ends, and wait for the client to say that it knows. */
  | 'closing'
  | 'closed'

/** The methods of class connection that are welcome in each phase. All others are a 504. */
export const welcome: Readonly<Record<Phase, readonly Method[]>> = {
  header: [],
  starting: [schema.connectionStartOk],
  securing: [schema.connectionSecureOk],
  tuning: [schema.connectionTuneOk],
  opening: [schema.connectionOpen],
  running: [schema.connectionClose, schema.connectionUpdateSecret],
  closing: [schema.connectionClose, schema.connectionCloseOk],
  closed: [],
}

/** What a method leads to that is not welcome. */
export function unwelcome(phase: Phase, key: number): AmqpError {
  const isKnown = schema.methodOf(key) !== undefined || key >>> 16 === classId.CONNECTION
  return isKnown
    ? new AmqpError('CHANNEL_ERROR', `unexpected method in connection state ${phase}`)
    : new AmqpError('COMMAND_INVALID', `unknown method ${key >>> 16}.${key & 0xffff}`)
}

/** What a frame leads to that has no place where it came. */
export function unexpectedFrame({ type, bytes, start, end }: FrameSplitter): AmqpError {
  const snippet = frameSnippet(type, bytes.subarray(start, end))
  const isKnown = type === frameType.METHOD || type === frameType.HEADER || type === frameType.BODY
  return isKnown || type === frameType.HEARTBEAT
    ? new AmqpError('UNEXPECTED_FRAME', snippet)
    : new AmqpError('FRAME_ERROR', `${snippet}: unknown_frame`)
}
