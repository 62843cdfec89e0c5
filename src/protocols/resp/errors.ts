import { BrokerError, type BrokerErrorKind } from '../../broker/errors.ts'
import { StoreRefusedError } from '../../log/store.ts'
import { diskTrouble } from './refusals.ts'

/** An error reply: its code and its text, `ERR syntax error`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}

export const wrongType = (): ReplyError =>
  new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const syntaxError = (): ReplyError => new ReplyError('ERR syntax error')
export const notAnInteger = (): ReplyError =>
  new ReplyError('ERR value is not an integer or out of range')
export const notAFloat = (): ReplyError => new ReplyError('ERR value is not a valid float')
export const outOfRange = (): ReplyError => new ReplyError('ERR value is out of range')

/** How the broker's failures begin. `satisfies` makes a new kind a compile error here. */
const codes = {
  'not-found': 'ERR',
  'already-exists': 'BUSYKEY',
  'access-refused': 'NOPERM',
  'precondition-failed': 'ERR',
  'too-large': 'ERR',
  throttled: 'ERR',
  malformed: 'ERR',
  'invalid-name': 'ERR',
  'invalid-partitions': 'ERR',
  'invalid-setting': 'ERR',
  'wrong-type': 'WRONGTYPE',
  'out-of-range': 'ERR',
  unsupported: 'ERR',
  fenced: 'ERR',
  unavailable: 'TRYAGAIN',
  storage: 'MISCONF',
  internal: 'ERR',
} as const satisfies Record<BrokerErrorKind, string>

/** The error reply for what a command threw. A bug is nobody's reply: it is thrown again. */
export function errorReplyOf(thrown: unknown): string {
  if (thrown instanceof ReplyError) return thrown.message
  if (thrown instanceof StoreRefusedError) return diskTrouble(thrown.refusal)
  if (!(thrown instanceof BrokerError) || thrown.kind === 'internal') throw thrown
  if (thrown.kind === 'wrong-type') return wrongType().message
  return `${codes[thrown.kind]} ${thrown.message}`
}
