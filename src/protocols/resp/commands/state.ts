import { ClientState } from '../connected/client-state.ts'
import type { Call } from '../command.ts'
import { ReplyError } from '../errors.ts'

/** All of a client, for commands that change the connection itself. */
export function stateOf({ client }: Call): ClientState {
  if (client instanceof ClientState) return client
  throw new ReplyError('ERR this command is about a connection')
}
