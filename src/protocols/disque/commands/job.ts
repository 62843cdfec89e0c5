import type { JobOptions } from '../../../broker/job/index.ts'
import type { Call, Command } from '../command.ts'
import { badId, ReplyError, syntaxError } from '../errors.ts'
import { NAMESPACE } from '../services.ts'
import { jobIdsFrom, timeoutMsAt, wholeAt } from '../words.ts'
import { writeJobInfo } from './job-reply.ts'

/** Seconds. */
const TTL_DEFAULT = 86_400
const RETRY_DEFAULT_MAX = 300
/** What the fields of a stored job hold. */
const SECONDS_MAX = 2 ** 32 - 1

type AddOptions = JobOptions & { readonly lengthMax: number; readonly isAsync: boolean }

function addOptionsAt({ args }: Call): AddOptions {
  const given = { replicate: 1, ttl: TTL_DEFAULT, retry: -1, delay: 0, lengthMax: 0 }
  let isAsync = false
  for (let index = 4; index < args.count; index++) {
    const option = args.lower(index)
    const isLast = index === args.count - 1
    if (option === 'async') isAsync = true
    else if (isLast) throw syntaxError()
    else if (option === 'replicate') given.replicate = replicateAt(args, ++index)
    else if (option === 'ttl') given.ttl = wholeAt(args, ++index, 1, 'TTL must be a number > 0')
    else if (option === 'retry') {
      const message = 'RETRY time must be a non negative number'
      given.retry = wholeAt(args, ++index, 0, message)
    } else if (option === 'delay') {
      const message = 'DELAY time must be a non negative number'
      given.delay = wholeAt(args, ++index, 0, message)
    } else if (option === 'maxlen')
      given.lengthMax = wholeAt(args, ++index, 1, 'MAXLEN must be a positive number')
    else throw syntaxError()
  }
  timeoutMsAt(args, 3)
  return checked({ ...given, isAsync })
}

function replicateAt(args: Call['args'], index: number): number {
  const message = 'REPLICATE must be between 1 and 65535'
  const value = wholeAt(args, index, 1, message)
  if (value > 65_535) throw new ReplyError(`ERR ${message}`)
  return value
}

function checked(given: AddOptions & { readonly replicate: number }): AddOptions {
  const { replicate, retry, delay } = given
  if (replicate > 1 && retry === 0)
    throw new ReplyError(
      'ERR With RETRY set to 0 please explicitly set  REPLICATE to 1 (at-most-once delivery)',
    )
  const ttl = Math.min(given.ttl, SECONDS_MAX)
  if (delay >= ttl)
    throw new ReplyError(
      'ERR The specified DELAY is greater than TTL. Job refused since would never be delivered',
    )
  const retryDefault = Math.max(1, Math.min(Math.floor(ttl / 10), RETRY_DEFAULT_MAX))
  return { ...given, ttl, retry: retry < 0 ? retryDefault : Math.min(retry, SECONDS_MAX) }
}

function add(call: Call): void {
  const { args, reply, services, client } = call
  const options = addOptionsAt(call)
  const queue = args.text(1)
  const { jobs } = services.broker
  services.gate.demand(client, 'write', queue)
  const { lengthMax } = options
  if (lengthMax > 0 && (jobs.of(NAMESPACE, queue)?.queue.readyCount ?? 0) >= lengthMax)
    throw new ReplyError('MAXLEN Queue is already longer than the specified MAXLEN count')
  if (jobs.state.pauseOf(NAMESPACE, queue).isIn)
    throw new ReplyError('PAUSED Queue paused in input, try later')
  const body = { bytes: args.bytes, start: args.starts[2]!, end: args.ends[2]! }
  const id = jobs.add({ namespace: NAMESPACE, queue }, body, options)
  if (id === null) throw new ReplyError('MAXLEN The policy of the queue rejects what comes')
  if (!options.isAsync) call.awaitDisk()
  reply.simple(id)
}

/** Of all ids, in which so many did what was asked. None is touched when one cannot be an id. */
function forEach(call: Call, done: (id: string) => boolean): void {
  const ids = jobIdsFrom(call.args, 1)
  for (const id of ids) demandJob(call, id, 'read')
  let count = 0
  for (const id of ids) if (done(id)) count++
  call.awaitDisk()
  call.reply.integer(count)
}

function demandJob({ services, client }: Call, id: string, operation: 'read' | 'write'): void {
  const queue = services.broker.jobs.queueOf(id)
  if (queue !== undefined) services.gate.demand(client, operation, queue)
}

function working(call: Call): void {
  const { args, reply, services } = call
  const [id] = jobIdsFrom(args, 1)
  if (id === undefined) throw badId()
  demandJob(call, id, 'read')
  const answer = services.broker.jobs.postpone(id)
  if (answer === 'unknown') throw new ReplyError('NOJOB Job not known in the context of this node.')
  if (answer === 'too-late')
    throw new ReplyError(
      'TOOLATE Half of job TTL already elapsed, you are no longer allowed to postpone the ' +
        'next delivery.',
    )
  reply.integer(answer)
}

function show(call: Call): void {
  const { args, reply, services } = call
  const [id] = jobIdsFrom(args, 1)
  if (id === undefined) throw badId()
  demandJob(call, id, 'read')
  const view = services.broker.jobs.show(id)
  if (view === null) reply.nothing()
  else writeJobInfo(reply, view, services.broker)
}

export const jobCommands: readonly Command[] = [
  {
    name: 'addjob',
    arity: -4,
    flags: ['write'],
    summary: 'Adds a job to a queue and says its id.',
    run: add,
  },
  {
    name: 'ackjob',
    arity: -1,
    flags: ['write'],
    summary: 'Jobs are done.',
    run: call => forEach(call, id => call.services.broker.jobs.acknowledge(id)),
  },
  {
    name: 'fastack',
    arity: -1,
    flags: ['write'],
    summary: 'Jobs are done, without asking other nodes.',
    run: call => forEach(call, id => call.services.broker.jobs.acknowledge(id)),
  },
  {
    name: 'deljob',
    arity: -1,
    flags: ['write'],
    summary: 'Takes jobs away for good.',
    run: call => forEach(call, id => call.services.broker.jobs.acknowledge(id)),
  },
  {
    name: 'enqueue',
    arity: -1,
    flags: ['write'],
    summary: 'Puts active jobs back into their queues.',
    run: call => forEach(call, id => call.services.broker.jobs.putBack(id, false)),
  },
  {
    name: 'nack',
    arity: -1,
    flags: ['write'],
    summary: 'Jobs could not be done: they go back into their queues.',
    run: call => forEach(call, id => call.services.broker.jobs.putBack(id, true)),
  },
  {
    name: 'dequeue',
    arity: -1,
    flags: ['write'],
    summary: 'Takes jobs out of their queues.',
    run: call => forEach(call, id => call.services.broker.jobs.takeOut(id)),
  },
  {
    name: 'working',
    arity: 2,
    flags: ['write'],
    summary: 'A job takes longer: it goes back later.',
    run: working,
  },
  {
    name: 'show',
    arity: 2,
    flags: [],
    summary: 'All there is to say of a job.',
    run: show,
  },
  {
    name: 'loadjob',
    arity: 2,
    flags: ['admin'],
    summary: 'Refused: it belongs to the files of Disque.',
    run: () => {
      throw new ReplyError(
        'ERR LOADJOB reads what Disque wrote to its own files. Add the job with ADDJOB instead.',
      )
    },
  },
]
