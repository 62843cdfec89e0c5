import type { JobTaker, JobView } from '../../../broker/job/index.ts'
import { limits } from '../../../limits/limits.ts'
import type { Call, Command, Waiter } from '../command.ts'
import { ReplyError, syntaxError } from '../errors.ts'
import { NAMESPACE } from '../services.ts'
import { timeoutMsAt, wholeAt } from '../words.ts'
import { writeJob } from './job-reply.ts'

type Wanted = {
  readonly queues: readonly string[]
  readonly count: number
  /** 0: for ever. */
  readonly timeoutMs: number
  readonly isPatient: boolean
  readonly hasCounters: boolean
}

/** A job that was taken, with bytes of its own. */
type Taken = Pick<
  JobView,
  'queue' | 'id' | 'body' | 'bodyStart' | 'bodyEnd' | 'retry' | 'nacks' | 'additionalDeliveries'
>

function wantedAt({ args }: Call): Wanted {
  let [count, timeoutMs, isPatient, hasCounters] = [1, 0, true, false]
  for (let index = 1; index < args.count; index++) {
    const option = args.lower(index)
    const isLast = index === args.count - 1
    if (option === 'nohang') isPatient = false
    else if (option === 'withcounters') hasCounters = true
    else if (option === 'timeout' && !isLast) timeoutMs = timeoutMsAt(args, ++index)
    else if (option === 'count' && !isLast)
      count = wholeAt(args, ++index, 1, 'COUNT must be a number greater than zero')
    else if (option === 'from' && !isLast) {
      const queues: string[] = []
      for (let word = index + 1; word < args.count; word++) queues.push(args.text(word))
      return { queues, count, timeoutMs, isPatient, hasCounters }
    } else throw syntaxError()
  }
  throw syntaxError()
}

/** From each queue in turn, in the order they were named, until there are enough or no more. */
function takeUpTo({ services }: Call, { queues, count }: Wanted): Taken[] {
  const { jobs } = services.broker
  const taken: Taken[] = []
  let bytes = 0
  for (let before = -1; before !== taken.length; ) {
    before = taken.length
    for (const queue of queues) {
      if (taken.length >= count || bytes > limits.responseBytesHigh) return taken
      const view = jobs.take(NAMESPACE, queue)
      if (view === null) continue
      taken.push(kept(view))
      bytes += view.bodyEnd - view.bodyStart
    }
  }
  return taken
}

function kept(view: JobView): Taken {
  const { queue, id, retry, nacks, additionalDeliveries } = view
  const body = Buffer.from(view.body.subarray(view.bodyStart, view.bodyEnd))
  return { queue, id, retry, nacks, additionalDeliveries, body, bodyStart: 0, bodyEnd: body.length }
}

/** What may be delivered once only is shown to nobody before the disk knows that it was. */
function write(call: Call, taken: readonly Taken[], hasCounters: boolean): void {
  if (taken.some(({ retry }) => retry === 0)) call.awaitDisk()
  const { reply } = call
  reply.array(taken.length)
  for (const job of taken) writeJob(reply, job, hasCounters ? job : null)
}

/** A client that waits for a job in one of several queues. */
class Waiting implements Waiter, JobTaker {
  readonly deadline: number
  readonly #call: Call
  readonly #wanted: Wanted
  readonly #answered: () => void

  constructor(call: Call, wanted: Wanted, answered: () => void) {
    const now = call.services.broker.runtime.clock.now()
    this.deadline = wanted.timeoutMs === 0 ? Infinity : now + wanted.timeoutMs
    this.#call = call
    this.#wanted = wanted
    this.#answered = answered
  }

  serve(): boolean {
    const taken = takeUpTo(this.#call, this.#wanted)
    if (taken.length === 0) return false
    write(this.#call, taken, this.#wanted.hasCounters)
    this.ended()
    this.#answered()
    return true
  }

  timedOut(): void {
    this.#call.reply.noArray()
  }

  ended(): void {
    this.#call.services.broker.jobs.leave(this, NAMESPACE, this.#wanted.queues)
  }
}

function get(call: Call): void {
  const { reply, services, client } = call
  const wanted = wantedAt(call)
  for (const queue of wanted.queues) services.gate.demand(client, 'read', queue)
  const taken = takeUpTo(call, wanted)
  if (taken.length > 0) return write(call, taken, wanted.hasCounters)
  if (!wanted.isPatient) return reply.noArray()
  if (services.isLeaving)
    throw new ReplyError(
      'LEAVING This node is leaving the cluster, please connect to a different one',
    )
  const waiting = new Waiting(call, wanted, () => call.goOn())
  services.broker.jobs.wait(waiting, NAMESPACE, wanted.queues)
  call.wait(waiting)
}

export const getCommands: readonly Command[] = [
  {
    name: 'getjob',
    arity: -2,
    flags: ['write'],
    summary: 'Takes jobs from queues, or waits for one.',
    run: get,
  },
]
