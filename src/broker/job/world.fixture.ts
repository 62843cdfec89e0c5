import { Lists } from '../list/index.ts'
import { QueueWorld } from '../queue/world.fixture.ts'
import { type JobOptions, Jobs, type JobView } from './index.ts'

const optionsDefault: JobOptions = { retry: 10, ttl: 3600, delay: 0 }

/** Jobs over queues, where time, turns, crashes and the disk do what the test says. */
export class JobWorld {
  jobs!: Jobs
  lists!: Lists
  readonly queues: QueueWorld

  constructor() {
    this.queues = new QueueWorld(false, ({ queues, topics }) => {
      this.lists = new Lists(queues.runtime, { queues, topics })
      const jobs = new Jobs(queues.runtime, { queues, lists: this.lists })
      this.jobs = jobs
      const { state } = jobs
      const machine = {
        name: state.name,
        evolve: (event: Buffer) => state.evolve(event),
        snapshot: () => state.snapshot(),
        restore: (snapshot: Buffer) => state.restore(snapshot),
        start: () => jobs.start(),
      }
      return [this.lists, machine]
    })
    this.queues.settle()
  }

  /** Its id, once the disk has it. */
  add(body: string, options: Partial<JobOptions> = {}, queue = 'q'): string {
    const id = this.addNow(body, options, queue)
    this.queues.settle()
    return id
  }

  /** The same, in a turn that goes on. */
  addNow(body: string, options: Partial<JobOptions> = {}, queue = 'q'): string {
    const bytes = Buffer.from(body)
    const place = { namespace: '/', queue }
    const part = { bytes, start: 0, end: bytes.length }
    const id = this.jobs.add(place, part, { ...optionsDefault, ...options })
    if (id === null) throw new Error('the queue is full')
    return id
  }

  take(queue = 'q'): { readonly id: string; readonly body: string } | null {
    const view = this.jobs.take('/', queue)
    return view === null ? null : { id: view.id, body: bodyOf(view) }
  }

  state(id: string): string {
    return this.jobs.show(id)?.state ?? 'none'
  }

  /** Those in the queue, the next one first. */
  queued(queue = 'q'): string[] {
    return Array.from(this.jobs.queued('/', queue, 'next'), bodyOf)
  }
}

export const bodyOf = ({ body, bodyStart, bodyEnd }: JobView): string =>
  body.toString('utf8', bodyStart, bodyEnd)
