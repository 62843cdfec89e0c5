import { Offset } from '../../lib/brand.ts'
import { BrokerError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'

/** Ids are journaled by so many at once, as Kafka does: one sync per thousand producers. */
const BLOCK_IDS = 1000

/**
 * Gives every producer an id that nobody had before. A block of ids is journaled, and only when
 * that is confirmed are they handed out; after a crash the rest of a block is lost, never reused.
 */
export class ProducerIds {
  readonly #runtime: Runtime
  /** Ids below it may be in use by somebody. Evolves with the journal. */
  #reservedEnd = 0
  #next = 0
  /** Ids below it are ours to give: their block is confirmed. */
  #confirmedEnd = 0
  readonly #waiting: ((outcome: number | BrokerError) => void)[] = []
  #isReserving = false

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get reservedEnd(): number {
    return this.#reservedEnd
  }

  /** Everything reserved by those before us may be in use. */
  evolve(reservedEnd: number): void {
    this.#reservedEnd = Offset(reservedEnd)
  }

  /** An id never given before. Rejects with a `BrokerError` while writes are refused. */
  allocate(): Promise<number> {
    if (this.#next < this.#confirmedEnd) return Promise.resolve(this.#next++)
    return new Promise((resolve, reject) => {
      this.#waiting.push(outcome =>
        typeof outcome === 'number' ? resolve(outcome) : reject(outcome),
      )
      if (!this.#isReserving) this.#reserve()
    })
  }

  #reserve(): void {
    const store = this.#runtime.store
    if (store.refusal !== null) return this.#fail(store.refusal.message)
    const begin = this.#reservedEnd
    store.journal('producers', encodeReserved(begin + BLOCK_IDS))
    this.#isReserving = true
    store.whenConfirmed(this.#runtime.settings.durability, refusal => {
      this.#isReserving = false
      if (refusal !== null) return this.#fail(refusal.message)
      this.#next = begin
      this.#confirmedEnd = begin + BLOCK_IDS
      this.#give()
    })
  }

  #give(): void {
    while (this.#waiting.length > 0 && this.#next < this.#confirmedEnd)
      this.#waiting.shift()?.(this.#next++)
    if (this.#waiting.length > 0) this.#reserve()
  }

  #fail(reason: string): void {
    const error = new BrokerError('unavailable', `no producer id can be reserved: ${reason}`)
    for (const give of this.#waiting.splice(0)) give(error)
  }
}

function encodeReserved(reservedEnd: number): Buffer {
  const event = Buffer.alloc(8)
  event.writeDoubleBE(reservedEnd)
  return event
}

export function decodeReserved(event: Buffer): number {
  return event.readDoubleBE(0)
}
