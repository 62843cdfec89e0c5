import type { Logger } from '../../lib/logger.ts'
import type { Catalogue } from '../catalogue.ts'
import type { Chain } from '../chain/index.ts'
import { encodeCheckpoint } from './checkpoint-format.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { StoreHooks } from '../log-store.ts'
import type { Machines } from '../machines.ts'

/** What recovery replays at most, besides what came while the checkpoint was written. */
const BODY_BYTES_MAX = 128 * 1024 * 1024
const SLOTS_MAX = 16_384

type Taken = { readonly slot: number; readonly segmentedBelow: number; readonly bytes: Buffer }

/** Takes checkpoints at slot boundaries, writes them, then lets go of slots nobody needs. */
export class Checkpointer implements StoreHooks {
  readonly #catalogue: Catalogue
  readonly #machines: Machines
  readonly #checkpoints: Checkpoints
  readonly #chain: Chain
  readonly #logger: Logger
  #slot: number
  #takenSlot: number
  #bodyBytes = 0
  #isWanted = false
  #taken: Taken | null = null
  #writing: Promise<void> | null = null
  /** Of the checkpoint before the newest: should that be damaged, the chain is there for it. */
  #keptFrom: number
  #newestKeptFrom: number

  constructor(parts: {
    catalogue: Catalogue
    machines: Machines
    checkpoints: Checkpoints
    chain: Chain
    logger: Logger
    next: number
    segmentedBelow: number
  }) {
    this.#catalogue = parts.catalogue
    this.#machines = parts.machines
    this.#checkpoints = parts.checkpoints
    this.#chain = parts.chain
    this.#logger = parts.logger
    this.#slot = parts.next
    this.#takenSlot = parts.next
    this.#keptFrom = parts.segmentedBelow
    this.#newestKeptFrom = parts.segmentedBelow
  }

  /** Batches moved to segments: the sooner a checkpoint knows, the sooner their slots can go. */
  want(): void {
    this.#isWanted = true
  }

  closed(slot: number, bodyBytes: number): void {
    this.#slot = slot
    this.#bodyBytes += bodyBytes
    if (this.#taken !== null || this.#writing !== null) return
    const isDue = this.#bodyBytes >= BODY_BYTES_MAX || slot - this.#takenSlot >= SLOTS_MAX
    if (isDue || this.#isWanted) this.#taken = this.#take(false)
  }

  synced(slot: number): void {
    const taken = this.#taken
    if (taken === null || taken.slot > slot || this.#writing !== null) return
    this.#taken = null
    this.#writing = this.#write(taken)
      .catch(thrown => {
        this.#isWanted = true // With the next slot, in the hope that the disk has recovered.
        this.#logger.warn({ error: String(thrown) }, 'a checkpoint could not be written')
      })
      .finally(() => {
        this.#writing = null
      })
  }

  async closing(isSafe: boolean): Promise<void> {
    await this.#writing
    if (!isSafe) return
    try {
      await this.#write(this.#take(true))
    } catch (thrown) {
      this.#logger.warn({ error: String(thrown) }, 'the last checkpoint could not be written')
    }
  }

  #take(isFinal: boolean): Taken {
    this.#isWanted = false
    this.#bodyBytes = 0
    this.#takenSlot = this.#slot
    const { segmentedBelow } = this.#catalogue
    const machines = this.#machines.snapshot()
    const bytes = encodeCheckpoint(this.#slot, isFinal, this.#catalogue, machines)
    return { slot: this.#slot, segmentedBelow, bytes }
  }

  async #write(taken: Taken): Promise<void> {
    await this.#checkpoints.write(taken.slot, taken.bytes)
    this.#keptFrom = this.#newestKeptFrom
    this.#newestKeptFrom = taken.segmentedBelow
    await this.#chain.forgetBelow(this.#keptFrom)
  }
}
