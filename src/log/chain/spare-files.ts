import type { Logger } from '../../lib/logger.ts'
import { limits } from '../../limits/limits.ts'
import type { Platform, Timer } from '../../platform/platform.ts'

/**
 * What background work leaves behind after a burst. Each spares a file from being filled or grown,
 * and its pages are in the system's cache. More than the least only where there is plenty of room,
 * and only for a while.
 */
const SPARES_LEAST = 4
const SPARES_MAX = 16

export type SpareFile = { readonly path: string; readonly sizeBytes: number }

/** Files whose slots nobody needs any more: later chain files are written on their blocks. */
export class SpareFiles {
  readonly #platform: Platform
  readonly #logger: Logger
  readonly #keptMs: number
  readonly #files: SpareFile[]
  #timer: Timer | null = null
  #lettingGo: Promise<void> = Promise.resolve()

  constructor(parts: {
    platform: Platform
    logger: Logger
    found: readonly SpareFile[]
    /** How long more than the least are kept while the chain does not move on. */
    keptMs?: number | undefined
  }) {
    this.#platform = parts.platform
    this.#logger = parts.logger
    this.#files = [...parts.found]
    this.#keptMs = parts.keptMs ?? limits.sparesKeptMs
    this.movedOn()
  }

  /** Files that were let go of are gone: their names may be used again. */
  get letGo(): Promise<void> {
    return this.#lettingGo
  }

  /** The chain went on to another file, or left one: more may be needed soon. */
  movedOn(): void {
    this.#timer?.cancel()
    this.#timer = this.#platform.timers.after(this.#keptMs, () => {
      this.#lettingGo = this.#lettingGo.then(() => this.#letGoBeyondLeast())
    })
  }

  /** Whether one more is. */
  async isWelcome(isPlentyFor: (files: number) => Promise<boolean>): Promise<boolean> {
    const count = this.#files.length + 1
    if (count <= SPARES_LEAST) return true
    return count <= SPARES_MAX && isPlentyFor(count)
  }

  add(spare: SpareFile): void {
    this.#files.push(spare)
    this.movedOn()
  }

  take(): SpareFile | undefined {
    return this.#files.shift()
  }

  /**
   * Where room is scarce: some is given back. A spare that a crash left when it was hardly begun is
   * worth nothing there.
   */
  async takeLarge(leastBytes: number): Promise<SpareFile | undefined> {
    const { disk } = this.#platform
    for (const spare of this.#files.splice(SPARES_LEAST)) await disk.remove(spare.path)
    for (let spare = this.take(); spare !== undefined; spare = this.take()) {
      if (spare.sizeBytes >= leastBytes) return spare
      await disk.remove(spare.path)
    }
    return undefined
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.#lettingGo
  }

  /** Out of the list at once, so nobody takes one that is about to go. */
  async #letGoBeyondLeast(): Promise<void> {
    for (const { path } of this.#files.splice(SPARES_LEAST)) {
      try {
        await this.#platform.disk.remove(path)
      } catch (thrown) {
        // The next start finds it again.
        this.#logger.warn({ path, error: String(thrown) }, 'a spare file could not be removed')
      }
    }
  }
}
