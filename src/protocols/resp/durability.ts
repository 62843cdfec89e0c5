import type { Broker } from '../../broker/broker.ts'
import { limits } from '../../limits/limits.ts'

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
 * When replies go out. With `always`, those of a turn wait until the disk has all that was changed
 * up to then, so nobody is told of a change, or reads one, that a crash can undo. Otherwise they go
 * out at once; the log is written and synced all the time.
 */
export class Durability {
  policy: AppendFsync
  readonly #broker: Broker
  /** Those that hold since this turn. */
  #holding = new Set<Replier>()
  /** Turns whose confirmation has not come. */
  #outstanding = 0
  readonly #slowed = new Set<() => void>()

  constructor(broker: Broker, policy: AppendFsync) {
    this.#broker = broker
    this.policy = policy
    const { store } = broker.runtime
    store.onAdvanced(() => this.#speedUp())
    store.onRefusal(() => this.#speedUp())
  }

  /** Whether anything is written to a disk at all. */
  get isKept(): boolean {
    const { dataFolder, durability } = this.#broker.runtime.settings
    return dataFolder !== null && durability !== 'memory'
  }

  get isStrict(): boolean {
    return this.policy === 'always'
  }

  /** Before a command is run, with `always`: its reply waits if it has to. */
  guard(replier: Replier, mayChange: boolean): void {
    const isQuiet = this.#holding.size === 0 && this.#outstanding === 0
    if (!mayChange && isQuiet && this.#broker.runtime.store.unconfirmedBytes === 0) return
    if (this.#holding.has(replier)) return
    if (this.#holding.size === 0) {
      this.#outstanding++
      this.#broker.turn.add('confirm', () => this.#confirm())
    }
    this.#holding.add(replier)
    replier.hold()
  }

  /**
   * False while so much waits for the disk that who writes has to wait, too; `goOn` is called when
   * it is time. Writes that are refused are not slowed: they are told so.
   */
  keepsUp(goOn: () => void): boolean {
    const { unconfirmedBytes, refusal } = this.#broker.runtime.store
    if (unconfirmedBytes <= limits.unconfirmedBytesHigh || refusal !== null) return true
    this.#slowed.add(goOn)
    return false
  }

  /** The client is gone. */
  forget(goOn: () => void): void {
    this.#slowed.delete(goOn)
  }

  #confirm(): void {
    const holding = this.#holding
    this.#holding = new Set()
    this.#broker.runtime.store.whenConfirmed('sync', refusal => {
      this.#outstanding--
      for (const replier of holding) {
        if (refusal === null) replier.release()
        else replier.lost(refusal.message)
      }
    })
  }

  #speedUp(): void {
    if (this.#slowed.size === 0) return
    const { unconfirmedBytes, refusal } = this.#broker.runtime.store
    if (unconfirmedBytes > limits.unconfirmedBytesLow && refusal === null) return
    const slowed = [...this.#slowed]
    this.#slowed.clear()
    for (const goOn of slowed) goOn()
  }
}
