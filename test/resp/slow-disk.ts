import { silentLogger } from '../../src/lib/logger.ts'
import {
  type Log,
  openMemoryStore,
  type StateMachine,
  type Store,
  type StoreRefusal,
} from '../../src/log/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'

type Durability = Parameters<Store['whenConfirmed']>[0]
type Done = (refusal: StoreRefusal | null) => void

export const diskFull: StoreRefusal = { reason: 'disk-full', message: 'no room' }

/** A disk that confirms when the test says so, under a store in memory. */
export class SlowDisk {
  refusal: StoreRefusal | null = null
  /** For what the last one waits. */
  awaited: Durability | null = null
  /** Null: as the store itself says. */
  #unconfirmedBytes: number | null = null
  readonly #listeners: ((logs: readonly Log[]) => void)[] = []
  #waiting: Done[] = []

  readonly openStore = async (machines: readonly StateMachine[]): Promise<Store> => {
    const store = await openMemoryStore({ platform: nodePlatform, logger: silentLogger, machines })
    const own: Readonly<Record<string, unknown>> = {
      whenConfirmed: (durability: Durability, done: Done) => {
        this.awaited = durability
        this.#waiting.push(done)
      },
      onAdvanced: (listener: (logs: readonly Log[]) => void) => {
        this.#listeners.push(listener)
        store.onAdvanced(listener)
      },
    }
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'refusal' || name === 'reliefRefusal') return this.refusal
        if (name === 'unconfirmedBytes' && this.#unconfirmedBytes !== null)
          return this.#unconfirmedBytes
        if (name === 'isWritten') return this.#waiting.length === 0
        const value = own[name as string] ?? (Reflect.get(target, name, target) as unknown)
        return typeof value === 'function' ? (value as () => void).bind(target) : value
      },
    })
  }

  /** So much waits for it now. */
  isBehindBy(bytes: number): void {
    this.#unconfirmedBytes = bytes
    for (const listener of this.#listeners) listener([])
  }

  /** How many wait to be told. */
  get waiting(): number {
    return this.#waiting.length
  }

  confirm(refusal: StoreRefusal | null = null): void {
    for (const done of this.#waiting.splice(0)) done(refusal)
  }
}
