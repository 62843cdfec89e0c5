import type { Database } from '../../../broker/keyspace/index.ts'
import { Arguments, type ReplyWriter } from '../../../lib/resp/index.ts'
import { assert } from '../../../lib/assert.ts'
import type { ClientState } from './client-state.ts'
import type { Call, Resume, Suspension, Wait } from '../command.ts'
import type { CommandEntry } from '../command-table.ts'
import type { CommandContext, Services } from '../services.ts'

const none = new Arguments()

/** What a command may use. Each connection has one, scripts have one of their own. */
export class CallState implements Call {
  readonly client: ClientState
  readonly services: Services
  args: Arguments = none
  reply: ReplyWriter
  db: Database
  entry: CommandEntry | null = null
  context: CommandContext = 'toplevel'

  constructor(services: Services, client: ClientState, reply: ReplyWriter = client.reply) {
    this.services = services
    this.client = client
    this.reply = reply
    this.db = services.database(client.database)
  }

  get now(): number {
    return this.services.broker.keyspace.now
  }

  get mayBlock(): boolean {
    return this.context === 'toplevel'
  }

  key(index: number): string {
    const { bytes, starts, ends } = this.args
    return this.db.keyOf(bytes, starts[index]!, ends[index]!)
  }

  block(wait: Wait): void {
    this.client.waiter = this.services.blocking.block(this.#asking(), wait)
  }

  suspend(suspension: Suspension): Resume {
    const { blocking } = this.services
    const waiter = blocking.suspend(this.#asking(), suspension)
    this.client.waiter = waiter
    return answer => blocking.answer(waiter, answer)
  }

  notify(letter: string, event: string, key: string): void {
    const { notifier } = this.services
    if (!notifier.isSilent) notifier.notify(this.db.index, letter, event, key)
  }

  notifyAt(letter: string, event: string, index: number): void {
    const { notifier } = this.services
    if (!notifier.isSilent) notifier.notify(this.db.index, letter, event, this.key(index))
  }

  #asking() {
    assert(this.mayBlock, 'only a command that a client sent by itself waits')
    const { client: party, db, args } = this
    return { party, database: db.index, command: this.entry!.command, args }
  }
}
