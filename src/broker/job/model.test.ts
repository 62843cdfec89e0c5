import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JobWorld } from './world.fixture.ts'

/**
 * Jobs against a plain list of what was added, in order. Each is queued, active (until a time, or
 * until it is put back), or gone. Time passes, and the broker starts again, with and without a
 * snapshot; what was active then is queued.
 */

const RUNS = Number(process.env['MODEL_RUNS'] ?? 300)
const RETRY_MS = 10_000

type Job = {
  readonly id: string
  readonly body: string
  state: 'queued' | 'active' | 'delayed'
  /** When it is queued again; infinite: not by itself. */
  until: number
}

const at = fc.nat({ max: 9 })
const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('add' as const), isDelayed: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('putBack' as const), at, isFailure: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('takeOut' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('postpone' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1000, 4000, 9000, 11_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('start' as const), isSnapshot: fc.boolean() }),
  },
)
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never

class Model {
  readonly world = new JobWorld()
  jobs: Job[] = []
  #added = 0

  apply(next: Command): void {
    const { world } = this
    switch (next.kind) {
      case 'add':
        this.#add(next.isDelayed ? 5 : 0)
        break
      case 'take':
        this.#take()
        break
      case 'turn':
        world.queues.settle()
        break
      case 'pass':
        this.#pass(next.ms)
        break
      case 'start':
        if (next.isSnapshot) world.queues.checkpoint()
        world.queues.settle()
        world.queues.crash()
        world.queues.advance(0) // What was due meanwhile.
        for (const job of this.jobs) if (job.state === 'active') this.#queued(job)
        break
      default:
        this.#byId(next)
    }
  }

  check(): void {
    for (const { id, state, body } of this.jobs) {
      const shown = this.world.jobs.show(id)
      expect(shown?.state).toBe(state === 'queued' ? 'queued' : 'active')
      expect(shown?.body.toString('utf8', shown.bodyStart, shown.bodyEnd)).toBe(body)
    }
    const queued = this.jobs.filter(({ state }) => state === 'queued').map(({ body }) => body)
    expect(this.world.queued()).toEqual(queued)
  }

  #add(delay: number): void {
    const body = `job ${++this.#added}`
    const id = this.world.addNow(body, { retry: RETRY_MS / 1000, ttl: 1_000_000, delay })
    const until = delay === 0 ? Infinity : this.#now + delay * 1000
    this.jobs.push({ id, body, state: delay === 0 ? 'queued' : 'delayed', until })
  }

  #take(): void {
    const first = this.jobs.find(({ state }) => state === 'queued')
    const got = this.world.take()
    expect(got).toEqual(first === undefined ? null : { id: first.id, body: first.body })
    if (first !== undefined) this.#active(first)
  }

  #byId(next: Extract<Command, { readonly at: number }>): void {
    const job = this.jobs[next.at]
    if (job === undefined) return
    const { jobs } = this.world
    if (next.kind === 'acknowledge') {
      expect(jobs.acknowledge(job.id)).toBe(true)
      expect(jobs.acknowledge(job.id)).toBe(false)
      this.jobs = this.jobs.filter(other => other !== job)
    } else if (next.kind === 'putBack') {
      expect(jobs.putBack(job.id, next.isFailure)).toBe(job.state !== 'queued')
      this.#queued(job)
    } else if (next.kind === 'takeOut') {
      expect(jobs.takeOut(job.id)).toBe(job.state === 'queued')
      if (job.state === 'queued') this.#active(job)
    } else {
      expect(jobs.postpone(job.id)).toBe(RETRY_MS / 1000)
      this.#active(job)
    }
  }

  #pass(ms: number): void {
    this.world.queues.settle()
    this.world.queues.advance(ms)
    for (const job of this.jobs)
      if (job.state !== 'queued' && job.until <= this.#now) this.#queued(job)
  }

  #active(job: Job): void {
    job.state = 'active'
    job.until = this.#now + RETRY_MS
  }

  #queued(job: Job): void {
    job.state = 'queued'
    job.until = Infinity
  }

  get #now(): number {
    return this.world.queues.now
  }
}

test(`jobs do what a plain list does, ${RUNS} times`, () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), commands => {
      const model = new Model()
      for (const next of commands) {
        model.apply(next)
        model.check()
      }
    }),
    { numRuns: RUNS },
  )
})
