/** How many of a producer's last batches are remembered, for each log. Clients rely on five. */
const BATCHES_MAX = 5
const SEQUENCE_MAX = 2 ** 31 - 1

/** What an idempotent producer wrote into a batch's header. */
export type Sequenced = {
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly count: number
}

export type SequenceVerdict =
  | { readonly kind: 'next' }
  /** The batch is in the log already: its first offset and newest timestamp. */
  | { readonly kind: 'duplicate'; readonly baseOffset: number; readonly timestamp: number }
  | { readonly kind: 'out-of-order'; readonly message: string }
  | { readonly kind: 'stale-epoch'; readonly message: string }

export type RememberedBatch = {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly timestamp: number
}

const NEXT: SequenceVerdict = { kind: 'next' }

/** Sequences of one producer in one log: the next one expected, and the last five batches. */
export class SequenceWindow {
  #epoch = -1
  /** Oldest first. Empty until the first batch of the epoch. */
  #batches: RememberedBatch[] = []
  /** When the last batch arrived, in milliseconds: silent producers are forgotten. */
  lastAppendAt = 0

  get epoch(): number {
    return this.#epoch
  }

  get batches(): readonly RememberedBatch[] {
    return this.#batches
  }

  get lastSequence(): number {
    return this.#batches.at(-1)?.lastSequence ?? -1
  }

  /** Decides about a batch and changes nothing. */
  judge(batch: Sequenced): SequenceVerdict {
    if (batch.producerEpoch < this.#epoch) {
      const message = `producer epoch ${batch.producerEpoch} is older than ${this.#epoch}`
      return { kind: 'stale-epoch', message }
    }
    if (batch.producerEpoch > this.#epoch) {
      // A producer that nobody remembers may go on anywhere: its records may have been deleted.
      if (batch.baseSequence === 0 || this.#epoch === -1) return NEXT
      const { producerEpoch, baseSequence } = batch
      const message = `the new epoch ${producerEpoch} begins at ${baseSequence}, not at 0`
      return { kind: 'out-of-order', message }
    }
    const lastSequence = sequenceAfter(batch.baseSequence, batch.count - 1)
    for (const known of this.#batches) {
      if (known.firstSequence !== batch.baseSequence || known.lastSequence !== lastSequence)
        continue
      return { kind: 'duplicate', baseOffset: known.baseOffset, timestamp: known.timestamp }
    }
    const expected = sequenceAfter(this.lastSequence, 1)
    if (batch.baseSequence === expected) return NEXT
    const message = `sequence ${batch.baseSequence} came where ${expected} was expected`
    return { kind: 'out-of-order', message }
  }

  /** Remembers a batch that is in the log. */
  append(batch: Sequenced, baseOffset: number, timestamp: number, now: number): void {
    if (batch.producerEpoch !== this.#epoch) {
      this.#epoch = batch.producerEpoch
      this.#batches = []
    }
    this.#push({
      firstSequence: batch.baseSequence,
      lastSequence: sequenceAfter(batch.baseSequence, batch.count - 1),
      baseOffset,
      timestamp,
    })
    this.lastAppendAt = now
  }

  static restore(
    epoch: number,
    lastAppendAt: number,
    batches: readonly RememberedBatch[],
  ): SequenceWindow {
    const window = new SequenceWindow()
    window.#epoch = epoch
    window.lastAppendAt = lastAppendAt
    for (const batch of batches) window.#push(batch)
    return window
  }

  #push(batch: RememberedBatch): void {
    if (this.#batches.length === BATCHES_MAX) this.#batches.shift()
    this.#batches.push(batch)
  }
}

/** Sequences count on from zero after 2^31 - 1. */
export function sequenceAfter(sequence: number, count: number): number {
  return sequence + count > SEQUENCE_MAX ? sequence + count - SEQUENCE_MAX - 1 : sequence + count
}
