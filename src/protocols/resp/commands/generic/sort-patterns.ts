import type { HashValue } from '../../../../broker/keyspace/hash/index.ts'
import type { StringValue } from '../../../../broker/keyspace/string/index.ts'
import { Arguments } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

/** What BY and GET name: keys made of a pattern and an element. */
export class Patterns {
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  /** The string at the key, or the field of a hash there (`key_*->field`); `#`: the element. */
  lookUp(pattern: string, element: string): string | undefined {
    if (pattern === '#') return element
    const star = pattern.indexOf('*')
    if (star < 0) return undefined
    const arrow = pattern.indexOf('->', star + 1)
    const hasField = arrow >= 0 && arrow + 2 < pattern.length
    const keyEnd = hasField ? arrow : pattern.length
    const key = pattern.slice(0, star) + element + pattern.slice(star + 1, keyEnd)
    this.#demandRight(key)
    const value = this.#call.db.value(key)
    if (!hasField) return value?.kind === 'string' ? (value as StringValue).text() : undefined
    const field = pattern.slice(arrow + 2)
    return value?.kind === 'hash' ? (value as HashValue).get(field) : undefined
  }

  /** Keys that are found while sorting are subject to what the client may read as any others. */
  #demandRight(key: string): void {
    const { args, client, services } = this.#call
    const { command } = services.commands.get(args.lower(0))!
    const asked = Arguments.of([args.view(0), Buffer.from(key, 'latin1')])
    if (services.gatekeeper.refusal(client, command, asked, 'toplevel') === null) return
    throw new ReplyError('ERR BY option of SORT denied due to insufficient ACL permissions.')
  }
}
