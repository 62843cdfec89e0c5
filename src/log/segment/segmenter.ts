import { DiskError } from '../../platform/disk.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Log, SlotNumber } from '../store.ts'
import { StoreRefusedError } from '../store.ts'
import { compactOnce } from './compaction/compact.ts'
import { foldOnce } from './fold.ts'
import { FoldPace } from './fold-pace.ts'
import { deadRefs, fileUses, joinOnce, rescueOnce } from './merge.ts'
import { retentionStart, type RetentionUnit } from './retention.ts'
import { StoppedError, Workshop, type WorkshopOptions } from './workshop.ts'

/** How often it looks whether there is something to do. */
const PERIOD_MS = 5_000

export type SegmenterOptions = WorkshopOptions & {
  readonly periodMs?: number | undefined
  readonly foldPace?: ((workshop: Workshop) => FoldPace) | undefined
}

/**
 * The background work of a store: retention, rewriting slots to segments, compaction, merging, and
 * removal of what nobody needs. One job at a time. A failed one leaves everything as it was, is
 * logged, and tried again in the next round.
 */
export class Segmenter {
  readonly #workshop: Workshop
  readonly #foldPace: FoldPace
  readonly #periodMs: number
  #timer: Timer | null = null
  #round: Promise<void> | null = null
  /** Sizes of segment files, as far as they were asked for. */
  readonly #sizes = new Map<number, number>()
  /** Files that nobody names any more. A reader may just be on its way to them. */
  #condemned: number[] = []
  /** Below it slots were rewritten, and a checkpoint more was asked for. Null: no round yet. */
  #settledBelow: SlotNumber | null = null
  #checkpointsLeft = 0
  /** Jobs that could not be done, and whose reason was told. */
  readonly #waiting = new Set<string>()

  constructor(options: SegmenterOptions) {
    this.#workshop = new Workshop(options)
    this.#foldPace = options.foldPace?.(this.#workshop) ?? new FoldPace(this.#workshop)
    this.#periodMs = options.periodMs ?? PERIOD_MS
  }

  /** Once, after recovery and before anything else: removes what an interrupted job left. */
  open(): Promise<void> {
    return this.#workshop.open()
  }

  start(): void {
    const { timers, clock } = this.#workshop.platform
    this.#timer = timers.every(this.#periodMs, () => void this.runOnce(clock.now()))
  }

  /** Everything that is due at `now`. Never fails: it logs. Joins the round that is under way. */
  runOnce(now: number): Promise<void> {
    this.#round ??= this.#run(now).finally(() => {
      this.#round = null
      this.#workshop.letGo()
    })
    return this.#round
  }

  /** Interrupts the job that is under way, and waits until it has cleaned up. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#workshop.stop()
    await this.#round
  }

  async #run(now: number): Promise<void> {
    // What frees space comes first, and does not depend on the success of what takes some.
    const jobs: [name: string, run: () => Promise<void>][] = [
      ['settling', () => this.#settle()],
      ['retention', () => this.#retain(now)],
      ['removal', () => this.#removeCondemned()],
      ['segmentation', () => this.#fold(now)],
      ['compaction', () => this.#compact(now)],
      ['merging', () => this.#merge()],
      ['release', () => this.#condemn()],
    ]
    for (const [name, run] of jobs) {
      if (this.#workshop.isStopped || this.#workshop.source.refusal !== null) return
      try {
        await run()
        this.#waiting.delete(name)
      } catch (error) {
        if (error instanceof StoppedError || this.#workshop.isStopped) return
        this.#report(name, error)
      }
    }
  }

  #report(job: string, error: unknown): void {
    const isExpected = error instanceof DiskError || error instanceof StoreRefusedError
    const { logger } = this.#workshop
    if (isExpected) {
      // A full disk stays full for hours: one line until the job has been done again.
      if (this.#waiting.has(job)) return
      this.#waiting.add(job)
      logger.warn({ job, reason: error.message }, 'background work waits')
    } else logger.error({ job, error }, 'background work failed; it will be tried again')
  }

  /**
   * Slots go when two checkpoints know them rewritten. Where nobody writes, on a full disk above
   * all, no slot would bring them: so the rounds that follow a rewriting one do. What was rewritten
   * while a checkpoint was being written is in none yet.
   */
  async #settle(): Promise<void> {
    const { source } = this.#workshop
    const { segmentedBelow } = source
    if (segmentedBelow !== this.#settledBelow) {
      if (this.#settledBelow !== null) this.#checkpointsLeft = 2
      this.#settledBelow = segmentedBelow
    }
    if (this.#checkpointsLeft === 0) return
    await source.change({ added: [], removed: [], segmentedBelow })
    this.#checkpointsLeft--
  }

  async #retain(now: number): Promise<void> {
    const { source } = this.#workshop
    for (const log of source.logs()) {
      const { retentionMs, retentionBytes, durability } = log.policy
      if (durability === 'memory') continue // Never in the chain: its lane bounds it.
      if (retentionMs === null && retentionBytes === null) continue // As the logs of most queues.
      await this.#workshop.pause()
      const start = retentionStart(this.#units(log), log.policy, log.startOffset, now)
      if (start > log.startOffset) source.truncateBefore(log.id, start)
    }
  }

  #units(log: Log): RetentionUnit[] {
    const { source } = this.#workshop
    const units: RetentionUnit[] = source
      .segments(log.id)
      .filter(ref => ref.endOffset > log.startOffset)
    const young = source.young(log.id)
    if (young === undefined) return units
    const { endOffset, sizeBytes, maxTimestamp, oldestTimestamp } = young
    units.push({ endOffset, sizeBytes, maxTimestamp, createdAt: oldestTimestamp })
    return units
  }

  async #fold(now: number): Promise<void> {
    const { source } = this.#workshop
    const isCompactionDue = this.#isCompactionDue(now)
    // Closed chain files; all that is synced when a log's chain part is due for compaction.
    const below = isCompactionDue ? source.syncedBelow : source.closedBelow
    while (source.segmentedBelow < below) {
      if (!isCompactionDue && !(await this.#foldPace.isDue(below))) return
      await foldOnce(this.#workshop, below)
      await this.#workshop.pause()
    }
  }

  #isCompactionDue(now: number): boolean {
    const { source } = this.#workshop
    for (const log of source.logs()) {
      if (log.policy.compaction === null || log.policy.durability === 'memory') continue
      const young = source.young(log.id)
      if (young === undefined) continue
      const { segmentBytes, segmentMs } = log.policy
      const isOld = young.oldestTimestamp >= 0 && now - young.oldestTimestamp >= segmentMs
      if (isOld || young.sizeBytes >= segmentBytes) return true
    }
    return false
  }

  async #compact(now: number): Promise<void> {
    for (const log of this.#workshop.source.logs()) {
      if (log.policy.compaction === null) continue
      await compactOnce(this.#workshop, log, now)
    }
  }

  async #merge(): Promise<void> {
    while (await joinOnce(this.#workshop)) await this.#workshop.pause()
    const uses = await fileUses(this.#workshop)
    for (const file of uses.keys()) await this.#learnSize(file)
    await rescueOnce(this.#workshop, uses, file => this.#sizes.get(file) ?? 0)
  }

  /** Forgets segments below where their log begins, and notes files that nobody names. */
  async #condemn(): Promise<void> {
    const { source, files } = this.#workshop
    const removed = []
    for (const log of source.logs()) {
      await this.#workshop.pause()
      removed.push(...deadRefs(log, source.segments(log.id)))
    }
    const { segmentedBelow } = source
    if (removed.length > 0) await source.change({ added: [], removed, segmentedBelow })
    const uses = await fileUses(this.#workshop)
    // A change whose outcome was unknown may have made its file count after all.
    for (const file of uses.keys()) files.add(file)
    const unused = [...files].filter(file => !uses.has(file))
    if (unused.length === 0) return
    // What made them unused, a deleted topic perhaps, must be durable before they go.
    await source.change({ added: [], removed: [], segmentedBelow: source.segmentedBelow })
    this.#condemned.push(...unused)
    for (const file of unused) {
      files.delete(file)
      this.#sizes.delete(file)
    }
  }

  /** A round later, so that who had a reference in hand could still read. */
  async #removeCondemned(): Promise<void> {
    for (let file = this.#condemned[0]; file !== undefined; file = this.#condemned[0]) {
      await this.#workshop.reader.files.remove(file)
      this.#workshop.logger.debug({ file }, 'removed a segment file')
      this.#condemned.shift()
    }
  }

  async #learnSize(file: number): Promise<void> {
    if (this.#sizes.has(file)) return
    const opened = await this.#workshop.reader.files.use(file, async each => each.sizeBytes)
    this.#sizes.set(file, opened)
  }
}
