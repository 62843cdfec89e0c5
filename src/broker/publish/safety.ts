import type { StoreRefusal } from '../../log/store.ts'
import type { Runtime } from '../runtime.ts'
import type { Turn } from '../turn.ts'
import type { Packers } from './packers.ts'

export type SafeListener = (refusal: StoreRefusal | null) => void

/** Asks the store once a turn, for all who want to know when their part of it is safe. */
export class Safety {
  readonly #runtime: Runtime
  readonly #turn: Turn
  readonly #packers: Packers
  #listeners: SafeListener[] = []
  readonly #ask = () => this.#askStore()

  constructor(runtime: Runtime, parts: { turn: Turn; packers: Packers }) {
    this.#runtime = runtime
    this.#turn = parts.turn
    this.#packers = parts.packers
  }

  when(listener: SafeListener): void {
    if (this.#listeners.length === 0) this.#turn.add('confirm', this.#ask)
    this.#listeners.push(listener)
  }

  #askStore(): void {
    const listeners = this.#listeners
    this.#listeners = []
    const { settings, store } = this.#runtime
    const refusedNow = this.#packers.refusal
    store.whenConfirmed(settings.durability, refusal => {
      for (const listener of listeners) listener(refusedNow ?? refusal)
    })
  }
}
