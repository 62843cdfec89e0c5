import { limits } from '../../limits/limits.ts'
import { Agenda, NEVER, type QueueState, requeueCounted } from '../queue/index.ts'
import type { Runtime } from '../runtime.ts'
import type { JobState } from './job-state.ts'
import { ActiveJob, type ActivePlace, type JobTaker, QueueJobs } from './queue-jobs.ts'

/** Jobs that somebody has got, by their queues, and when they go back. */
export class ActiveJobs {
  readonly #runtime: Runtime
  readonly #state: JobState
  readonly #agenda: Agenda
  readonly #byQueue = new Map<QueueState, QueueJobs>()
  /** By the name of the queue, which need not be there: in the order in which they came. */
  readonly #takers = new Map<string, Set<JobTaker>>()

  constructor(runtime: Runtime, state: JobState) {
    this.#runtime = runtime
    this.#state = state
    this.#agenda = new Agenda(() => runtime.clock.now(), runtime.timers)
  }

  stop(): void {
    this.#agenda.stop()
  }

  in(queue: QueueState): QueueJobs {
    let jobs = this.#byQueue.get(queue)
    if (jobs === undefined) {
      jobs = new QueueJobs(queue, this.#runtime.clock.now())
      this.#byQueue.set(queue, jobs)
    }
    return jobs
  }

  queueDeleted(queue: QueueState): void {
    const jobs = this.#byQueue.get(queue)
    if (jobs === undefined) return
    for (const job of jobs.allActive()) this.#agenda.remove(job)
    this.#byQueue.delete(queue)
  }

  /** `retry` in seconds; 0: it never goes back by itself. */
  activate(place: ActivePlace, retry: number): void {
    const manner = { retryMs: retry * 1000, isOver: false }
    const job = new ActiveJob(place, manner, late => this.#retry(late))
    place.jobs.add(job)
    this.postpone(job)
  }

  /** What may be delivered once only is still acknowledged, until `expiresAt`. */
  keepOver(place: ActivePlace, expiresAt: number): void {
    const { jobs } = place
    if (jobs.activeCount >= limits.jobsOverMax) return
    const job = new ActiveJob(place, { retryMs: 0, isOver: true }, over => this.forget(over))
    jobs.add(job)
    this.#agenda.add(job, expiresAt)
  }

  /** It has all its time again. */
  postpone(job: ActiveJob): void {
    this.#agenda.remove(job)
    if (job.retryMs > 0) this.#agenda.add(job, this.#runtime.clock.now() + job.retryMs)
  }

  forget(job: ActiveJob): void {
    this.#agenda.remove(job)
    job.jobs.remove(job)
  }

  wait(taker: JobTaker, namespace: string, queue: string): void {
    const key = keyOf(namespace, queue)
    const takers = this.#takers.get(key)
    if (takers === undefined) this.#takers.set(key, new Set([taker]))
    else takers.add(taker)
  }

  leave(taker: JobTaker, namespace: string, queue: string): void {
    const key = keyOf(namespace, queue)
    const takers = this.#takers.get(key)
    if (takers?.delete(taker) === true && takers.size === 0) this.#takers.delete(key)
  }

  waitingCount(namespace: string, queue: string): number {
    return this.#takers.get(keyOf(namespace, queue))?.size ?? 0
  }

  /** Those who wait have their turn, in the order in which they came, until one finds nothing. */
  serve(namespace: string, queue: string): void {
    if (this.#takers.size === 0) return
    const takers = this.#takers.get(keyOf(namespace, queue))
    if (takers === undefined) return
    for (const taker of takers) if (!taker.serve()) return
  }

  requeueAt(job: ActiveJob | undefined): number | null {
    return job === undefined || job.isOver || job.dueAt === NEVER ? null : job.dueAt
  }

  #retry(job: ActiveJob): void {
    const { jobs, lane, offset } = job
    if (!lane.offsets.isOut(offset)) return this.forget(job)
    const { namespace, name } = jobs.queue.spec
    if (this.#state.pauseOf(namespace, name).isIn) return this.postpone(job)
    this.forget(job)
    jobs.queue.settle(lane.index, offset, requeueCounted)
  }
}

const keyOf = (namespace: string, queue: string): string => `${namespace}\n${queue}`
