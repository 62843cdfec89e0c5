import type { Runtime } from '../../../broker/runtime.ts'

/** Facts about this run of the broker, for INFO and the like. */
export class Run {
  /** 40 hexadecimal digits. */
  readonly id: string
  readonly #runtime: Runtime
  readonly #startedAt: number
  /** Where the newest client connected to. */
  port = 0
  usedBytesPeak = 0
  /** Seconds since 1970: when SAVE was last confirmed, or the start. */
  savedAt: number

  constructor(runtime: Runtime) {
    this.#runtime = runtime
    this.savedAt = Math.floor(runtime.clock.now() / 1000)
    this.#startedAt = runtime.clock.elapsed()
    this.id = runtime.random.bytes(20).toString('hex')
  }

  get uptimeSeconds(): number {
    return Math.floor((this.#runtime.clock.elapsed() - this.#startedAt) / 1000)
  }
}
