import type { User } from '../../broker/access/index.ts'
import type { Broker } from '../../broker/broker.ts'
import type { DisqueClient } from './client.ts'
import { ReplyError } from './errors.ts'
import { NAMESPACE } from './services.ts'

const DEFAULT_USER = 'default'
/** Who comes from this machine, where nobody gave the default user a password. */
const anybody: User = { name: DEFAULT_USER, tags: ['administrator'] }

/**
 * Who may come in and use which queues. Disque knows one password: it is the default user's, whom
 * Redis' clients share.
 */
export class Gate {
  readonly #broker: Broker

  constructor(broker: Broker) {
    this.#broker = broker
  }

  /** Who need not log in; null: this client has to. */
  anonymous(client: DisqueClient): User | null {
    return this.#isOpen && client.isLocal ? anybody : null
  }

  /** Throws where nobody has to log in. Null: it is not their password. */
  async authenticate(client: DisqueClient, password: string): Promise<User | null> {
    if (this.#isOpen) throw new ReplyError('ERR Client sent AUTH, but no password is set')
    const { access } = this.#broker
    const user = await access.authenticate(DEFAULT_USER, password)
    return user !== null && access.mayLogInFrom(user, client.isLocal) ? user : null
  }

  /** Throws `NOPERM`. */
  demand({ user }: DisqueClient, operation: 'read' | 'write', queue: string): void {
    if (user === anybody) return
    if (user !== null && this.#broker.access.may(user, NAMESPACE, operation, queue)) return
    throw new ReplyError(`NOPERM No permission to ${operation} queue '${queue}'`)
  }

  demandAdministrator({ user }: DisqueClient): void {
    if (user?.tags.includes('administrator') === true) return
    throw new ReplyError('NOPERM Only administrators may do that')
  }

  get #isOpen(): boolean {
    const account = this.#broker.access.user(DEFAULT_USER)
    return account === undefined || account.rules['resp']?.split(' ').includes('nopass') === true
  }
}
