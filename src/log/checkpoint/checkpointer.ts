import type { Logger } from '../../lib/logger.ts'
import type { Clock } from '../../platform/platform.ts'
import type { Catalogue } from '../catalogue.ts'
import type { Chain } from '../chain/index.ts'
import { encodeState } from './checkpoint-format.ts'
import type { Checkpoints, TakenState } from './checkpoints.ts'
import type { StoreHooks } from '../log-store.ts'
import type { Machines } from '../machines.ts'

/**
 * What recovery reads at most, besides what came while the checkpoint was written; or as much as
 * the checkpoint itself, when that is more: it would be written more often than read.
 */
const BYTES_MAX_DEFAULT = 128 * 1024 * 1024
const SLOTS_MAX = 16_384
/** What the smallest slot takes in the chain. */
const SLOT_BYTES_MIN = 4096
/** A checkpoint this small is nothing beside the slots it frees: it is taken when it is wanted. */
const SMALL_BYTES = 1024 * 1024
/** A larger one waits until so many times its bytes were written, or for so long, or longer. */
const SHARE_MIN = 16
const DELAY_MS_MAX = 5000
/** Of a checkpoint of this size, and in proportion of larger ones. */
const LARGE_BYTES = 64 * 1024 * 1024

/** Takes checkpoints at slot boundaries, writes them, then lets go of slots nobody needs. */
export class Checkpointer implements StoreHooks {
  readonly #catalogue: Catalogue
  readonly #machines: Machines
  readonly #checkpoints: Checkpoints
  readonly #chain: Chain
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #bytesMax: number
  #slot: number
  #takenSlot: number
  #bytes = 0
  #isWanted = false
  #takenBytes = 0
  #takenAt = 0
  #writing: Promise<void> | null = null
  #syncedBelow: number
  /** What is not synced by now never will be. */
  #isUnsafe = false
  /** Whoever waits for slots to be synced looks again. */
  #look: () => void = () => {}
  /** Of the checkpoint before the newest: should that be damaged, the chain is there for it. */
  #keptFrom: number
  #newestKeptFrom: number

  constructor(parts: {
    catalogue: Catalogue
    machines: Machines
    checkpoints: Checkpoints
    chain: Chain
    clock: Clock
    logger: Logger
    bytesMax?: number | undefined
    next: number
    segmentedBelow: number
  }) {
    this.#clock = parts.clock
    this.#catalogue = parts.catalogue
    this.#machines = parts.machines
    this.#checkpoints = parts.checkpoints
    this.#chain = parts.chain
    this.#logger = parts.logger
    this.#bytesMax = parts.bytesMax ?? BYTES_MAX_DEFAULT
    this.#slot = parts.next
    this.#takenSlot = parts.next
    this.#syncedBelow = parts.next
    this.#keptFrom = parts.segmentedBelow
    this.#newestKeptFrom = parts.segmentedBelow
  }

  /** Batches moved to segments: the sooner a checkpoint knows, the sooner their slots can go. */
  want(): void {
    this.#isWanted = true
  }

  closed(slot: number, bytes: number): void {
    this.#slot = slot
    this.#bytes += bytes
    if (this.#writing !== null) return
    const slotsMax = Math.max(SLOTS_MAX, this.#takenBytes / SLOT_BYTES_MIN)
    const isMuch = this.#bytes >= Math.max(this.#bytesMax, this.#takenBytes)
    const isDue = isMuch || slot - this.#takenSlot >= slotsMax
    if (isDue || (this.#isWanted && this.#isWorthwhile())) this.#begin()
  }

  /** With many queues it takes its time, and each fold of the chain wants one. */
  #isWorthwhile(): boolean {
    if (this.#takenBytes < SMALL_BYTES) return true
    if (this.#bytes >= SHARE_MIN * this.#takenBytes) return true
    const delayMs = DELAY_MS_MAX * Math.max(1, this.#takenBytes / LARGE_BYTES)
    return this.#clock.elapsed() - this.#takenAt >= delayMs
  }

  synced(slot: number): void {
    this.#syncedBelow = slot
    this.#look()
  }

  async closing(isSafe: boolean): Promise<void> {
    this.#isUnsafe = !isSafe
    this.#look()
    await this.#writing
    if (!isSafe) return
    try {
      await this.#write(this.#take(true))
    } catch (thrown) {
      this.#logger.warn({ error: String(thrown) }, 'the last checkpoint could not be written')
    }
  }

  /** Its writing begins at once: until it ends, what changes is kept as it was. */
  #begin(): void {
    this.#writing = this.#write(this.#take(false))
      .catch(thrown => {
        this.#isWanted = true // With the next slot, in the hope that the disk has recovered.
        this.#logger.warn({ error: String(thrown) }, 'a checkpoint could not be written')
      })
      .finally(() => {
        this.#writing = null
      })
  }

  #take(isFinal: boolean): TakenState {
    this.#isWanted = false
    this.#bytes = 0
    this.#takenSlot = this.#slot
    this.#takenAt = this.#clock.elapsed()
    const state = encodeState(this.#slot, isFinal, this.#catalogue)
    return { ...state, machines: this.#machines.snapshots() }
  }

  async #write(taken: TakenState): Promise<void> {
    const { slot, segmentedBelow } = taken.description
    this.#takenBytes = await this.#checkpoints.writeDraft(taken)
    if (!(await this.#areSyncedBelow(slot))) return
    await this.#checkpoints.publish(slot)
    this.#keptFrom = this.#newestKeptFrom
    this.#newestKeptFrom = segmentedBelow
    await this.#chain.forgetBelow(this.#keptFrom)
  }

  /** A checkpoint counts once what led to it cannot be lost any more. False: it may be lost. */
  async #areSyncedBelow(slot: number): Promise<boolean> {
    while (this.#syncedBelow < slot && !this.#isUnsafe)
      await new Promise<void>(resolve => {
        this.#look = resolve
      })
    return this.#syncedBelow >= slot
  }
}
