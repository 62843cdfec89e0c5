import { BrokerError, type BrokerErrorKind } from '../../broker/errors.ts'

/** An error reply: its code and its text, `ERR syntax error`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}

export const syntaxError = (): ReplyError => new ReplyError('ERR syntax error')
export const badId = (): ReplyError => new ReplyError('BADID Invalid Job ID format.')

const codes: Partial<Record<BrokerErrorKind, string>> = {
  'wrong-type': 'WRONGTYPE',
  'access-refused': 'NOPERM',
  storage: 'MISCONF',
}

/** What the broker says, under the code that a client knows; undefined when it is no reply. */
export function replyOf(error: unknown): string | undefined {
  if (error instanceof ReplyError) return error.message
  if (!(error instanceof BrokerError)) return undefined
  return `${codes[error.kind] ?? 'ERR'} ${error.message}`
}
