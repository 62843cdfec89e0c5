import { ReplyError } from '../errors.ts'

/** Arguments that come in pairs are not whole, and the like. */
export const wrongArity = (command: string): ReplyError =>
  new ReplyError(`ERR wrong number of arguments for '${command}' command`)
