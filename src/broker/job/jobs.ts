import type { Offset } from '../../lib/brand.ts'
import { limits } from '../../limits/limits.ts'
import { encodeJobProperties } from '../../message/job-properties.ts'
import { origins } from '../../message/origin.ts'
import { Publication } from '../../message/publication.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import { BrokerError } from '../errors.ts'
import { dropHeads, type Lists, Places } from '../list/index.ts'
import {
  change,
  enqueued,
  failuresOf,
  handOutsOf,
  type LogLane,
  type Queues,
  type QueueState,
  requeue,
  requeueCounted,
} from '../queue/index.ts'
import type { Runtime } from '../runtime.ts'
import { ActiveJobs } from './active-jobs.ts'
import { jobIdOf, markOf, placeOf } from './job-id.ts'
import { JobState, type Pause } from './job-state.ts'
import { JobView } from './job-view.ts'
import type { ActiveJob, ActivePlace, JobTaker, QueueJobs } from './queue-jobs.ts'

export type JobOptions = {
  /** All in seconds; see `JobProperties`. */
  readonly retry: number
  readonly ttl: number
  readonly delay: number
}

export type JobPorts = { readonly queues: Queues; readonly lists: Lists }

/** A job that was found by its id, and is not done. */
type Found = {
  readonly jobs: QueueJobs
  readonly lane: LogLane
  readonly offset: number
  readonly active: ActiveJob | undefined
}

/**
 * Jobs are messages of queues that are known by an id: whoever has got one acknowledges it by that
 * id, from any connection, or it goes back to its queue after its own time. The id says where the
 * message lies, so all messages have one, whoever published them.
 */
export class Jobs {
  /** What the store replays into. */
  readonly state: JobState
  readonly #runtime: Runtime
  readonly #queues: Queues
  readonly #lists: Lists
  readonly #active: ActiveJobs
  #createdLast = 0
  readonly #publication = new Publication()
  readonly #message = new StoredMessage()
  readonly #view = new JobView()

  constructor(runtime: Runtime, { queues, lists }: JobPorts) {
    this.#runtime = runtime
    this.#queues = queues
    this.#lists = lists
    this.state = new JobState(runtime)
    this.#active = new ActiveJobs(runtime, this.state)
    this.#publication.origin = origins.disque
    this.#publication.isPersistent = true
  }

  start(): void {
    this.#lists.onReady((namespace, name) => this.#active.serve(namespace, name))
    this.#queues.onDeleted(queue => this.#active.queueDeleted(queue as QueueState))
    this.state.start()
  }

  stop(): void {
    this.#active.stop()
  }

  get node(): string {
    return this.state.node
  }

  /**
   * Adds a job and says its id; null when the queue's policy rejects it. It is safe when the store
   * confirmed what was appended in this turn. Throws `wrong-type`, `storage`, `too-large`.
   */
  add(
    place: { readonly namespace: string; readonly queue: string },
    body: { readonly bytes: Buffer; readonly start: number; readonly end: number },
    options: JobOptions,
  ): string | null {
    const { store, settings, clock } = this.#runtime
    if (store.refusal !== null) throw new BrokerError('storage', store.refusal.message)
    const max = Math.min(settings.messageBytesMax, limits.messageBytesMax)
    if (body.end - body.start > max)
      throw new BrokerError('too-large', `a job has ${max} bytes at most`)
    const { queue } = this.#lists.open(place.namespace, place.queue)
    const now = clock.now()
    const publication = this.#publication
    const createdAt = this.#createdAt(now)
    const properties = encodeJobProperties({ ...options, createdAt })
    publication.properties = properties
    publication.propertiesEnd = properties.length
    publication.body = body.bytes
    publication.bodyStart = body.start
    publication.bodyEnd = body.end
    publication.ttlMs = options.ttl * 1000
    if (place.queue.length <= 63) publication.addressTo('', place.queue)
    else publication.addressTo('', '')
    const { packers } = queue.host
    packers.relieve()
    const { logId, index } = queue.partitionFor(publication)
    const offset = queue.topic.partitions[index]!.log.endOffset + packers.waitingCount(logId)
    if (queue.enqueue(publication) & enqueued.rejected) return null
    const lane = queue.lanes.all[index]!
    this.#active.in(queue) // From now on it is known.
    if (options.delay > 0) {
      lane.takeAway(offset, publication.bodyBytes)
      lane.giveBack(offset as Offset, 0, now + options.delay * 1000)
      queue.plan()
    }
    const id = { queue: queue.id, lane: index, offset, mark: markOf(createdAt) }
    return jobIdOf(id, this.node, options)
  }

  /** Takes the next job of a queue, which is active then; null when there is none. */
  take(namespace: string, name: string): JobView | null {
    const queue = this.#queues.find(namespace, name)
    if (queue === undefined || !this.#isShared(queue) || this.state.pauseOf(namespace, name).isOut)
      return null
    const places = new Places(queue)
    const message = this.#message
    for (;;) {
      if (queue.isDropping || queue.mayExpire) dropHeads(queue, message)
      const lane = places.firstLane()
      if (lane === null) return null
      const offset = lane.offsets.first()
      if (lane.showNow(offset, message, false)) return this.#taken(queue, lane, offset)
      lane.takeOut(offset, 0) // Its log has lost it.
    }
  }

  /** The queue that an id is about; undefined when it is not here. */
  queueOf(id: string): string | undefined {
    const place = placeOf(id)
    return place === undefined ? undefined : this.#queues.byId(place.queue)?.spec.name
  }

  /** Done: whether it was known, and not done before. */
  acknowledge(id: string): boolean {
    const found = this.#find(id)
    if (found === undefined) return false
    const { jobs, lane, offset, active } = found
    this.#ended(found)
    if (active?.isOver === true) return true
    const { queue } = jobs
    if (lane.offsets.isOut(offset) || lane.offsets.recall(offset)) {
      queue.settle(lane.index, offset as Offset, { kind: 'accept' })
      return true
    }
    const isShown = lane.showNow(offset, this.#message, false)
    lane.takeOut(offset, isShown ? this.#message.bodyBytes : 0)
    if (!queue.isNoted) queue.host.noteSettled(queue)
    queue.host.noteChange(queue, change.less)
    return true
  }

  /** An active job goes back to its queue at once. False: there is no active one of that id. */
  putBack(id: string, isFailure: boolean): boolean {
    const found = this.#find(id)
    if (found === undefined || found.active?.isOver === true) return false
    const { jobs, lane, offset, active } = found
    const isWaiting = lane.offsets.recall(offset)
    if (!isWaiting && !lane.offsets.isOut(offset)) return false
    if (active !== undefined) this.#active.forget(active)
    if (isFailure) jobs.nacked(lane, offset)
    if (isWaiting) lane.giveBack(offset as Offset, lane.countOf(offset), null)
    else jobs.queue.settle(lane.index, offset as Offset, isFailure ? requeueCounted : requeue)
    return true
  }

  /** A job that is in its queue is taken out of it, as if somebody had got it. */
  takeOut(id: string): boolean {
    const found = this.#find(id)
    if (found === undefined || !this.#isQueued(found)) return false
    const { jobs, lane, offset } = found
    if (!lane.showNow(offset, this.#message, false)) return false
    this.#view.read(this.#message)
    lane.takeAway(offset, this.#message.bodyBytes)
    jobs.queue.host.noteChange(jobs.queue, change.less)
    this.#active.activate(this.#activePlace(found), this.#view.retry)
    return true
  }

  /** Somebody is still at it: the seconds until it goes back, or why not. */
  postpone(id: string): number | 'unknown' | 'too-late' {
    const found = this.#find(id)
    if (found === undefined || found.active?.isOver === true) return 'unknown'
    const { jobs, lane, offset, active } = found
    if (!lane.showNow(offset, this.#message, false)) return 'unknown'
    const view = this.#view
    view.read(this.#message)
    const now = this.#runtime.clock.now()
    if (now - view.createdAt > (view.ttl * 1000) / 2) return 'too-late'
    if (active !== undefined) this.#active.postpone(active)
    else {
      if (this.#isQueued(found)) {
        lane.takeAway(offset, this.#message.bodyBytes)
        jobs.queue.host.noteChange(jobs.queue, change.less)
      } else if (!lane.offsets.recall(offset)) {
        return view.retry // Another protocol's consumer has it.
      }
      this.#active.activate(this.#activePlace(found), view.retry)
    }
    return view.retry
  }

  /** All there is to say of a job; null when it is not known, or done. */
  show(id: string): JobView | null {
    const found = this.#find(id)
    return found === undefined ? null : this.#look(found)
  }

  /** Those in the queue, the next one first, or the newest one first. */
  *queued(namespace: string, name: string, from: 'next' | 'newest'): Generator<JobView> {
    const queue = this.#queues.find(namespace, name)
    if (queue === undefined || !this.#isShared(queue)) return
    const places = new Places(queue)
    places.flush()
    const found: [LogLane, number][] = []
    const { count } = places
    const visit = (lane: LogLane, offset: number): boolean => found.push([lane, offset]) > 0
    for (let done = 0; done < count; ) {
      found.length = 0
      const wanted = Math.min(count - done, PEEK_CHUNK)
      if (from === 'next') places.each(done, wanted, visit)
      else places.eachBack(count - 1 - done, wanted, visit)
      if (found.length === 0) return
      for (const [lane, offset] of found) {
        const view = this.#look({ jobs: this.#active.in(queue), lane, offset, active: undefined })
        if (view !== null) yield view
      }
      done += found.length
    }
  }

  /** Jobs of a queue from an offset of a lane on; null for those that are done. */
  at(queue: QueueState, lane: LogLane, offset: number): JobView | null {
    const jobs = this.#active.in(queue)
    if (offset < lane.log.startOffset || offset >= lane.log.endOffset) return null
    const active = jobs.active(lane, offset)
    if (active === undefined && lane.isSettled(offset)) return null
    return this.#look({ jobs, lane, offset, active })
  }

  /** The taker is asked when there may be a job in one of the queues, until it leaves them. */
  wait(taker: JobTaker, namespace: string, queues: readonly string[]): void {
    for (const queue of queues) this.#active.wait(taker, namespace, queue)
  }

  leave(taker: JobTaker, namespace: string, queues: readonly string[]): void {
    for (const queue of queues) this.#active.leave(taker, namespace, queue)
  }

  waitingCount(namespace: string, queue: string): number {
    return this.#active.waitingCount(namespace, queue)
  }

  /** Queues that are seen by those who take jobs. */
  *all(namespace: string): Generator<QueueJobs> {
    for (const queue of this.#queues.inNamespace(namespace))
      if (this.#isShared(queue)) yield this.#active.in(queue)
  }

  /** Undefined when there is no such queue. */
  of(namespace: string, name: string): QueueJobs | undefined {
    const queue = this.#queues.find(namespace, name)
    return queue === undefined || !this.#isShared(queue) ? undefined : this.#active.in(queue)
  }

  /** Those who wait for jobs are served when there may be some again. */
  pause(namespace: string, queue: string, pause: Pause): void {
    this.state.pause(namespace, queue, pause)
    this.#active.serve(namespace, queue)
  }

  #createdAt(now: number): number {
    const first = Math.floor(this.#createdLast) === now ? this.#createdLast : now
    this.#createdLast = first + 1 / 4096
    return this.#createdLast
  }

  #isShared({ isStream, spec }: QueueState): boolean {
    return !isStream && spec.owner === null
  }

  #taken(queue: QueueState, lane: LogLane, offset: number): JobView {
    const jobs = this.#active.in(queue)
    const view = this.#look({ jobs, lane, offset, active: undefined })!
    const place = this.#activePlace({ jobs, lane, offset })
    jobs.usedAt = this.#runtime.clock.now()
    const { counters, host } = queue
    counters.delivered++
    if (lane.offsets.countOfReady(offset) > 0) counters.redelivered++
    if (view.retry === 0) {
      counters.autoAccepted++
      lane.takeOut(offset, this.#message.bodyBytes)
      if (!queue.isNoted) host.noteSettled(queue)
      this.#active.keepOver(place, view.createdAt + view.ttl * 1000)
    } else {
      lane.takeAway(offset, this.#message.bodyBytes)
      this.#active.activate(place, view.retry)
    }
    host.noteChange(queue, change.less)
    return view
  }

  /** Of the job that was looked at last. */
  #activePlace({ jobs, lane, offset }: Omit<Found, 'active'>): ActivePlace {
    return { jobs, lane, offset, mark: markOf(this.#view.createdAt) }
  }

  #ended({ jobs, lane, offset, active }: Found): void {
    if (active !== undefined) this.#active.forget(active)
    jobs.forget(lane, offset)
  }

  #find(id: string): Found | undefined {
    const place = placeOf(id)
    const queue = place === undefined ? undefined : this.#queues.byId(place.queue)
    const lane = place === undefined ? undefined : queue?.lanes.all[place.lane]
    if (place === undefined || queue === undefined || lane === undefined) return undefined
    const { offset } = place
    const jobs = this.#active.in(queue)
    const active = jobs.active(lane, offset)
    if (active !== undefined && active.mark !== place.mark) return undefined
    if (active?.isOver === true) return { jobs, lane, offset, active }
    const { packers } = queue.host
    if (offset >= lane.log.endOffset && packers.waitingCount(lane.log.id) > 0) queue.host.flush()
    if (offset >= lane.log.endOffset || offset < lane.log.startOffset) return undefined
    if (lane.isSettled(offset)) return undefined
    if (active === undefined && this.#markAt(lane, offset) !== place.mark) return undefined
    return { jobs, lane, offset, active }
  }

  /** Undefined when its log has lost it. */
  #markAt(lane: LogLane, offset: number): number | undefined {
    if (!lane.showNow(offset, this.#message, false)) return undefined
    this.#view.read(this.#message)
    return markOf(this.#view.createdAt)
  }

  #isQueued({ lane, offset }: Found): boolean {
    return !lane.offsets.isOut(offset) && lane.offsets.readyAt(offset) === undefined
  }

  #look(found: Found): JobView | null {
    const { jobs, lane, offset, active } = found
    if (!lane.showNow(offset, this.#message, false)) return null
    const view = this.#view
    view.read(this.#message)
    const { id: queue, spec } = jobs.queue
    const mark = markOf(view.createdAt)
    view.id = jobIdOf({ queue, lane: lane.index, offset, mark }, this.node, view)
    view.queue = spec.name
    view.nacks = jobs.nacksOf(lane, offset)
    const isOut = lane.offsets.isOut(offset)
    const counts = isOut ? lane.offsets.countOf(offset) : lane.offsets.countOfReady(offset)
    const returns = Math.max(handOutsOf(counts), failuresOf(counts))
    view.additionalDeliveries = Math.max(0, returns - view.nacks)
    const readyAt = lane.offsets.readyAt(offset)
    view.state = active?.isOver === true || isOut || readyAt !== undefined ? 'active' : 'queued'
    view.requeueAt = readyAt ?? this.#active.requeueAt(active)
    return view
  }
}

/** Jobs that are looked at in one go. */
const PEEK_CHUNK = 256
