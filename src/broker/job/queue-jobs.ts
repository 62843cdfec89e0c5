import type { Offset } from '../../lib/brand.ts'
import { type Due, type LogLane, NEVER, type QueueState } from '../queue/index.ts'

/** Where an active job lies, and which of those that lay there it is. */
export type ActivePlace = {
  readonly jobs: QueueJobs
  readonly lane: LogLane
  readonly offset: number
  readonly mark: number
}

/** A job that somebody got, or that was taken out of its queue, and is not acknowledged. */
export class ActiveJob implements Due {
  readonly jobs: QueueJobs
  readonly lane: LogLane
  readonly offset: Offset
  readonly mark: number
  /** In milliseconds; 0: it never goes back by itself. */
  readonly retryMs: number
  /** It may be delivered once only, and was: all that is left is what an acknowledgement counts. */
  readonly isOver: boolean
  dueAt = NEVER
  heapIndex = -1
  readonly #retry: (job: ActiveJob) => void

  constructor(
    place: ActivePlace,
    manner: { readonly retryMs: number; readonly isOver: boolean },
    retry: (job: ActiveJob) => void,
  ) {
    this.jobs = place.jobs
    this.lane = place.lane
    this.offset = place.offset as Offset
    this.mark = place.mark
    this.retryMs = manner.retryMs
    this.isOver = manner.isOver
    this.#retry = retry
  }

  due(): void {
    this.#retry(this)
  }
}

/** Somebody who waits for jobs. */
export interface JobTaker {
  /** Something may be there: takes it and says true, or leaves all as it is and says false. */
  serve(): boolean
}

/** Lanes are few: with the number of one, an offset is still a whole number. */
const LANES_MAX = 4096
/** Of one queue. They are for people to look at. */
const NACKS_KEPT = 10_000

/** What there is to know of the jobs of one queue, beside what the queue knows. */
export class QueueJobs {
  readonly queue: QueueState
  /** Milliseconds since 1970: since when it is known, and when it was used last. */
  readonly since: number
  usedAt: number
  readonly #active = new Map<number, ActiveJob>()
  /** How often a job was given back by those who got it, where that is not never. */
  readonly #nacks = new Map<number, number>()

  constructor(queue: QueueState, now: number) {
    this.queue = queue
    this.since = this.usedAt = now
  }

  get activeCount(): number {
    return this.#active.size
  }

  active(lane: LogLane, offset: number): ActiveJob | undefined {
    return this.#active.get(keyOf(lane, offset))
  }

  allActive(): Iterable<ActiveJob> {
    return this.#active.values()
  }

  add(job: ActiveJob): void {
    this.#active.set(keyOf(job.lane, job.offset), job)
  }

  remove(job: ActiveJob): void {
    this.#active.delete(keyOf(job.lane, job.offset))
  }

  nacksOf(lane: LogLane, offset: number): number {
    return this.#nacks.get(keyOf(lane, offset)) ?? 0
  }

  nacked(lane: LogLane, offset: number): void {
    if (this.#nacks.size >= NACKS_KEPT) this.#clean()
    this.#nacks.set(keyOf(lane, offset), this.nacksOf(lane, offset) + 1)
  }

  /** The job is done. */
  forget(lane: LogLane, offset: number): void {
    if (this.#nacks.size > 0) this.#nacks.delete(keyOf(lane, offset))
  }

  /** Forgets what consumers of other protocols have settled, and, if need be, the oldest. */
  #clean(): void {
    for (const key of this.#nacks.keys()) {
      const lane = this.queue.lanes.all[key % LANES_MAX]
      if (lane?.isSettled(Math.floor(key / LANES_MAX)) !== false) this.#nacks.delete(key)
    }
    for (const key of this.#nacks.keys()) {
      if (this.#nacks.size < NACKS_KEPT) return
      this.#nacks.delete(key)
    }
  }
}

const keyOf = (lane: LogLane, offset: number): number => offset * LANES_MAX + lane.index
