import { limits } from '../../limits/limits.ts'
import type { BatchSummary, LogId, StateMachine } from '../../log/store.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Runtime } from '../runtime.ts'
import { decodeReserved, ProducerIds } from './producer-ids.ts'
import { type Sequenced, type SequenceVerdict, SequenceWindow } from './sequence-window.ts'
import { decodeProducers, encodeProducers } from './snapshot.ts'

const SWEEP_PERIOD_MS = 600_000

/**
 * Idempotent producers: who has which id, and what each wrote last to each log. It learns of
 * batches from the store alone, live as on recovery, so what it knows is what the log holds.
 */
export class Producers implements StateMachine {
  readonly name = 'producers'
  readonly #runtime: Runtime
  readonly #ids: ProducerIds
  #windows = new Map<LogId, Map<number, SequenceWindow>>()
  #count = 0
  #sweeper: Timer | null = null

  constructor(runtime: Runtime) {
    this.#runtime = runtime
    this.#ids = new ProducerIds(runtime)
  }

  start(): void {
    this.#sweeper = this.#runtime.timers.every(SWEEP_PERIOD_MS, () => this.forgetSilent())
  }

  stop(): void {
    this.#sweeper?.cancel()
  }

  /** A producer id that nobody had before. Rejects with a `BrokerError` when writes are refused. */
  allocateId(): Promise<number> {
    return this.#ids.allocate()
  }

  /** What to do with a batch of an idempotent producer. Changes nothing. */
  judge(log: LogId, producerId: number, batch: Sequenced): SequenceVerdict {
    const window = this.#windows.get(log)?.get(producerId)
    return window === undefined ? UNKNOWN_PRODUCER : window.judge(batch)
  }

  /** Producers with a batch in the log that are not forgotten yet. */
  active(log: LogId): ReadonlyMap<number, SequenceWindow> {
    return this.#windows.get(log) ?? NOBODY
  }

  /** Forgets producers that were silent for too long, and those of logs that are gone. */
  forgetSilent(): void {
    const deadline = this.#runtime.clock.now() - this.#runtime.settings.producerExpiryMs
    this.#forget((log, window) => {
      return window.lastAppendAt <= deadline || this.#runtime.store.log(log) === undefined
    })
  }

  appended(log: LogId, batch: BatchSummary): void {
    if (batch.producerId < 0 || batch.isControl) return
    let byId = this.#windows.get(log)
    if (byId === undefined) this.#windows.set(log, (byId = new Map()))
    let window = byId.get(batch.producerId)
    if (window === undefined) {
      byId.set(batch.producerId, (window = new SequenceWindow()))
      this.#count++
    }
    const count = batch.lastOffset - batch.baseOffset + 1
    const { producerEpoch, baseSequence } = batch
    const now = this.#runtime.clock.now()
    const sequenced = { producerEpoch, baseSequence, count }
    window.append(sequenced, batch.baseOffset, batch.maxTimestamp, now)
    if (this.#count > limits.producersMax) this.#forgetOldest()
  }

  evolve(event: Buffer): void {
    this.#ids.evolve(decodeReserved(event))
  }

  snapshot(): Buffer {
    return encodeProducers({ reservedEnd: this.#ids.reservedEnd, windows: this.#windows })
  }

  restore(snapshot: Buffer): void {
    const state = decodeProducers(snapshot)
    this.#ids.evolve(state.reservedEnd)
    this.#windows = state.windows
    this.#count = 0
    for (const byId of state.windows.values()) this.#count += byId.size
  }

  /** Half of them go at once, because looking for the oldest is work for every producer. */
  #forgetOldest(): void {
    const times: number[] = []
    for (const byId of this.#windows.values())
      for (const window of byId.values()) times.push(window.lastAppendAt)
    const median = times.sort((a, b) => a - b)[times.length >>> 1] ?? 0
    let left = times.length >>> 1
    this.#forget((_, window) => window.lastAppendAt <= median && left-- > 0)
    this.#runtime.logger.warn(
      { kept: this.#count, producersMax: limits.producersMax },
      'too many idempotent producers: those silent for longest are forgotten',
    )
  }

  #forget(isDue: (log: LogId, window: SequenceWindow) => boolean): void {
    for (const [log, byId] of this.#windows) {
      for (const [id, window] of byId) {
        if (!isDue(log, window)) continue
        byId.delete(id)
        this.#count--
      }
      if (byId.size === 0) this.#windows.delete(log)
    }
  }
}

/** It may go on anywhere: what it wrote before may have been deleted, and with it our memory. */
const UNKNOWN_PRODUCER: SequenceVerdict = { kind: 'next' }
const NOBODY: ReadonlyMap<number, SequenceWindow> = new Map()
