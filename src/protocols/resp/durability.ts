import type { Broker } from '../../broker/broker.ts'

export const appendFsyncPolicies = ['everysec', 'always', 'no'] as const
export type AppendFsync = (typeof appendFsyncPolicies)[number]

/** A client whose replies may have to wait. */
export interface Replier {
  /** From now on replies are kept. */
  hold(): void
  /** Those that were kept since the earliest `hold` may go out. */
  release(): void
  /** It may not be told that all went well. */
  lost(reason: string): void
}

/**
 * When replies go out. Those of a turn wait until all that was changed up to then is on the disk
 * (`always`), or with the operating system (`everysec`): so nobody is told of a change, or reads
 * one, that a power cut, or the end of this process, can undo. With `no` they go out at once.
 */
export class Durability {
  policy: AppendFsync
  readonly #broker: Broker
  /** Whether anything is written to a disk at all. */
  readonly isKept: boolean
  /** Those that hold since this turn. */
  #holding = new Set<Replier>()
  /** Turns whose confirmation has not come. */
  #outstanding = 0

  constructor(broker: Broker, policy: AppendFsync) {
    this.#broker = broker
    this.policy = policy
    const { settings } = broker.runtime
    this.isKept = settings.dataFolder !== null && settings.durability !== 'memory'
  }

  /** Whether replies ever wait. */
  get isHolding(): boolean {
    return this.policy === 'always' || (this.policy === 'everysec' && this.isKept)
  }

  /** Before a command is run, while replies wait: its own waits if it has to. */
  guard(replier: Replier, mayChange: boolean): void {
    const isQuiet = this.#holding.size === 0 && this.#outstanding === 0
    if (!mayChange && isQuiet && this.#isSafe()) return
    if (this.#isFailing() || this.#holding.has(replier)) return
    if (this.#holding.size === 0) {
      this.#outstanding++
      this.#broker.turn.add('confirm', () => this.#confirm())
    }
    this.#holding.add(replier)
    replier.hold()
  }

  /** What can be read now is as safe as a reply says. */
  #isSafe(): boolean {
    const { store } = this.#broker.runtime
    return this.policy === 'always' ? store.unconfirmedBytes === 0 : store.isWritten
  }

  /** Nothing can be written: changes are refused, and what is read must not wait for them. */
  #isFailing(): boolean {
    return this.policy === 'everysec' && this.#broker.runtime.store.reliefRefusal !== null
  }

  #confirm(): void {
    const holding = this.#holding
    this.#holding = new Set()
    const awaited = this.policy === 'always' ? 'sync' : 'async'
    this.#broker.runtime.store.whenConfirmed(awaited, refusal => {
      this.#outstanding--
      for (const replier of holding) {
        if (refusal === null) replier.release()
        else replier.lost(refusal.message)
      }
    })
  }
}
