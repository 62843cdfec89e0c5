import { ReplyError } from '../../errors.ts'

/** From `!` to `~`, so that lists of clients can be taken apart. */
export const isPlain = (text: string): boolean => /^[!-~]*$/.test(text)

export function checkName(name: string): void {
  if (isPlain(name)) return
  throw new ReplyError('ERR Client names cannot contain spaces, newlines or special characters.')
}
