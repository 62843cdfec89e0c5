import { type FoldBounds, FoldPace } from '../../src/log/segment/fold-pace.ts'
import type { Workshop } from '../../src/log/segment/workshop.ts'
import type { SlotNumber } from '../../src/log/store.ts'

const KiB = 1024

/** What is much where a chain file has 64 KiB. */
const bounds: FoldBounds = {
  busyBytesPerSecond: 64 * KiB,
  busyBytesMin: 4 * KiB,
  lookMs: 5,
  undoneBytesMax: 64 * KiB,
  undoneIndexBytesMax: 16 * KiB,
}

export const smallPace = (workshop: Workshop): FoldPace => new FoldPace(workshop, bounds)

/** Knows how often slots were put off, and how often those that had been were rewritten. */
export class WatchedPace extends FoldPace {
  readonly #watch: { putOff: number; caughtUp: number }
  #isPutOff = false

  constructor(workshop: Workshop, watch: { putOff: number; caughtUp: number }) {
    super(workshop, bounds)
    this.#watch = watch
  }

  override async isDue(below: SlotNumber): Promise<boolean> {
    const isDue = await super.isDue(below)
    if (!isDue) this.#watch.putOff++
    else if (this.#isPutOff) this.#watch.caughtUp++
    this.#isPutOff = !isDue
    return isDue
  }
}

/** A bug to be found: slots that are put off count as rewritten. */
export class ForgetfulPace extends FoldPace {
  readonly #workshop: Workshop

  constructor(workshop: Workshop) {
    super(workshop, bounds)
    this.#workshop = workshop
  }

  override async isDue(below: SlotNumber): Promise<boolean> {
    const isDue = await super.isDue(below)
    if (!isDue)
      await this.#workshop.source.change({ added: [], removed: [], segmentedBelow: below })
    return isDue
  }
}
