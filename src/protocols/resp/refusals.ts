import type { Arguments } from '../../lib/resp/index.ts'
import type { StoreRefusal } from '../../log/store.ts'
import type { CommandTable } from './command-table.ts'

/** Error replies to commands that are not run, in Redis' words. */

const FULL = 'No space left on device'
const SHOWN_CHARS_MAX = 128

export const noAuth = 'NOAUTH Authentication required.'
export const outOfMemory = "OOM command not allowed when used memory > 'maxmemory'."
export const deniedInMulti = 'ERR Command not allowed inside a transaction'
export const transactionTooLong = 'ERR transaction is too long'
export const flawedTransaction = 'EXECABORT Transaction discarded because of previous errors.'

export const wrongArity = (name: string): string =>
  `ERR wrong number of arguments for '${name}' command`

export const deniedToSubscribers = (name: string): string =>
  `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
  'are allowed in this context'

export const diskTrouble = ({ reason, message }: StoreRefusal): string =>
  `MISCONF Errors writing to the AOF file: ${reason === 'disk-full' ? FULL : message}`

export const abortedTransaction = (reason: string): string =>
  `EXECABORT Transaction discarded because of: ${reason.replace(/^ERR /, '')}`

export const changedRights = (refusal: string): string =>
  'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC ' +
  `call. This command is no longer allowed for the following reason: ${reasonOf(refusal)}`

const reasonOf = (refusal: string): string => {
  if (refusal.includes('command')) return 'no permission to execute the command or subcommand'
  if (refusal.includes('channel'))
    return 'no permission to access one of the channels used as arguments'
  return 'no permission to touch the specified keys'
}

export function unknownCommand(commands: CommandTable, args: Arguments): string {
  const container = commands.findContainer(args)
  const name = args.binary(container === undefined ? 0 : 1).slice(0, SHOWN_CHARS_MAX)
  if (container !== undefined) {
    const help = `Try ${args.upper(0)} HELP.`
    return latin1(`ERR unknown subcommand '${name}'. ${help}`)
  }
  let words = ''
  for (let index = 1; index < args.count && words.length < SHOWN_CHARS_MAX; index++) {
    words += `'${args.binary(index).slice(0, SHOWN_CHARS_MAX - words.length)}' `
  }
  return latin1(`ERR unknown command '${name}', with args beginning with: ${words}`)
}

/** Bytes of the client, as text that can be written. */
const latin1 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')
