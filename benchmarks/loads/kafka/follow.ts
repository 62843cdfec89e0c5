import { setTimeout as sleep } from 'node:timers/promises'
import { Latencies } from '../latencies.ts'
import { type Frame, framesFor, recordsOfBatch, sendFrame } from './produce.ts'
import { Reader, shareOf } from './reader.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

/** Without a rate, so much is on its way to the readers before more is written. */
const WINDOW_BYTES = 32 * 1024 * 1024
/** What was written must have been read so long after the end, or the run failed. */
const DRAIN_MS_MAX = 20_000
const TICK_MS = 1

export type FollowResult = {
  /** By all readers together, while it was measured. */
  readonly delivered: number
  readonly written: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/**
 * Writes at a fixed rate, or as fast as readers follow, and has `readers` read all of it at once.
 * Records fall due every millisecond (or less often, below a thousand a second), and go out then
 * in batches of at most `batchBytes`, as a producer that does not linger sends them. A time is
 * taken from when a batch was due to when a reader has it: what waits in the client counts.
 */
export async function runFollow(settings: Settings): Promise<FollowResult> {
  const run = new Follow(settings)
  try {
    await run.open()
    return await run.measure()
  } finally {
    run.close()
  }
}

/** Batches a connection sends whenever something is due, and how much each holds. */
type Pace = { periodMs: number; batches: number; recordsPerBatch: number }

export function paceOf(settings: Settings, partitionsOfEach: number): Pace {
  const { rate, batchBytes, recordBytes } = settings
  const perBatchMax = recordsOfBatch(recordBytes, batchBytes)
  if (rate === 0) return { periodMs: 0, batches: partitionsOfEach, recordsPerBatch: perBatchMax }
  const periodMs = Math.max(TICK_MS, 1000 / rate)
  const due = Math.max(1, Math.round((rate * periodMs) / 1000))
  const batches = Math.min(partitionsOfEach, Math.ceil(due / perBatchMax))
  return { periodMs, batches, recordsPerBatch: Math.ceil(due / batches) }
}

type Writer = {
  readonly wire: Wire
  readonly frames: readonly Frame[]
  next: number
  /** When those were due that were not sent yet. */
  readonly waiting: number[]
}

class Follow {
  readonly #settings: Settings
  readonly #writers: Writer[] = []
  readonly #readers: Reader[] = []
  readonly #latencies = new Latencies()
  readonly #pace: Pace
  /** By partition: when each of its batches was due. */
  readonly #dues: number[][]
  #written = 0
  #delivered = 0
  #deliveredWarm = 0
  #warmAt = Number.POSITIVE_INFINITY
  #endsAt = 0
  #isOver = false

  constructor(settings: Settings) {
    const { partitions, connections } = settings
    if (partitions < connections) throw new Error('each connection needs a partition of its own')
    this.#settings = settings
    this.#pace = paceOf(settings, Math.floor(partitions / connections))
    this.#dues = Array.from({ length: partitions }, () => [])
  }

  async open(): Promise<void> {
    const { connections, partitions, host, port, readers } = this.#settings
    for (let index = 0; index < connections; index++) {
      const own = shareOf(partitions, connections, index)
      const wire = await Wire.open(host, port)
      this.#writers.push({ wire, frames: this.#framesOf(own), next: 0, waiting: [] })
    }
    const each = readers === 1 ? connections : 1
    for (let index = 0; index < readers * each; index++) {
      const own = shareOf(partitions, each, index % each)
      this.#readers.push(await Reader.open(this.#settings, own, this.#seen))
    }
  }

  async measure(): Promise<FollowResult> {
    const { seconds, warmupSeconds, readers } = this.#settings
    const begin = performance.now()
    this.#warmAt = begin + warmupSeconds * 1000
    this.#endsAt = this.#warmAt + seconds * 1000
    const broken = this.#writers.map(
      ({ wire }) => new Promise<never>((_, reject) => (wire.failed = reject)),
    )
    const working = [...broken, ...this.#readers.map(reader => this.#readOn(reader))]
    if (this.#pace.periodMs === 0) this.#writers.forEach(writer => this.#pump(writer))
    await Promise.race([this.#writeOn(begin), ...working])
    const measuredSeconds = (performance.now() - this.#warmAt) / 1000
    const delivered = this.#deliveredWarm
    const deadline = performance.now() + DRAIN_MS_MAX
    while (this.#isUnread()) {
      if (performance.now() > deadline)
        throw new Error(`${this.#delivered} of ${this.#written * readers} records were read`)
      await Promise.race([sleep(10), ...working])
    }
    this.#isOver = true
    return {
      delivered,
      written: this.#written,
      seconds: measuredSeconds,
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      p999Ms: this.#latencies.quantile(0.999),
      maxMs: this.#latencies.quantile(1),
    }
  }

  close(): void {
    this.#isOver = true
    for (const { wire } of this.#writers) wire.close()
    for (const reader of this.#readers) reader.close()
  }

  /** A frame for each turn of the partitions, so that all get the same. */
  #framesOf(own: readonly number[]): Frame[] {
    const { batches, recordsPerBatch } = this.#pace
    const turns = own.map((_, turn) =>
      Array.from({ length: batches }, (__, index) => own[(turn * batches + index) % own.length]!),
    )
    return framesFor(this.#settings, recordsPerBatch, turns)
  }

  async #writeOn(begin: number): Promise<void> {
    const { periodMs } = this.#pace
    let due = begin
    let turn = 0
    while (performance.now() < this.#endsAt) {
      if (periodMs > 0) {
        for (const now = performance.now(); due <= now; due += periodMs) {
          const writer = this.#writers[turn++ % this.#writers.length]!
          writer.waiting.push(due)
          this.#pump(writer)
        }
      }
      await sleep(TICK_MS)
    }
  }

  #pump(writer: Writer): void {
    const { inFlight } = this.#settings
    while (writer.wire.inFlight < inFlight) {
      if (this.#pace.periodMs > 0) {
        const due = writer.waiting.shift()
        if (due === undefined) return
        this.#send(writer, due)
      } else {
        const now = performance.now()
        if (now >= this.#endsAt || this.#isWindowFull()) return
        this.#send(writer, now)
      }
    }
  }

  /** What was due but could not be sent yet counts as well. */
  #isUnread(): boolean {
    const isWaiting = this.#writers.some(({ waiting }) => waiting.length > 0)
    return isWaiting || this.#delivered < this.#written * this.#settings.readers
  }

  #isWindowFull(): boolean {
    const { recordBytes, readers } = this.#settings
    const behind = this.#written * readers - this.#delivered
    return behind * recordBytes > WINDOW_BYTES * readers
  }

  #send(writer: Writer, due: number): void {
    const frame = writer.frames[writer.next++ % writer.frames.length]!
    for (const partition of frame.partitions) this.#dues[partition]!.push(due)
    this.#written += frame.records
    sendFrame(writer.wire, frame, () => this.#pump(writer))
  }

  readonly #seen = (partition: number, baseOffset: number, records: number): void => {
    const due = this.#dues[partition]![baseOffset / this.#pace.recordsPerBatch]
    if (due === undefined) throw new Error(`nothing was written to ${partition} at ${baseOffset}`)
    const now = performance.now()
    this.#delivered += records
    if (now >= this.#warmAt) this.#deliveredWarm += records
    if (due >= this.#warmAt) this.#latencies.add(now - due)
  }

  async #readOn(reader: Reader): Promise<void> {
    while (!this.#isOver) {
      await reader.fetch()
      if (this.#pace.periodMs === 0) this.#writers.forEach(writer => this.#pump(writer))
    }
  }
}
