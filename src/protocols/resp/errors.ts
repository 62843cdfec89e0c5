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
