import { limits } from '../../../limits/limits.ts'
import type { Call, Command } from '../command.ts'
import { ReplyError, syntaxError } from '../errors.ts'
import { NAMESPACE } from '../services.ts'
import { wholeIn } from '../words.ts'
import { writeJob } from './job-reply.ts'

const PEEKED_MAX = 100_000

function demandRead({ args, services, client }: Call): string {
  const queue = args.text(1)
  services.gate.demand(client, 'read', queue)
  return queue
}

function length(call: Call): void {
  const { jobs } = call.services.broker
  call.reply.integer(jobs.of(NAMESPACE, demandRead(call))?.queue.readyCount ?? 0)
}

function peek(call: Call): void {
  const { args, reply, services } = call
  const count = wholeIn(args, 2)
  if (count === undefined) throw new ReplyError('ERR value is not an integer or out of range')
  const { jobs } = services.broker
  const queue = demandRead(call)
  const ready = jobs.of(NAMESPACE, queue)?.queue.readyCount ?? 0
  let left = Math.min(Math.abs(count), ready, PEEKED_MAX)
  let bytes = 0
  const found: (() => void)[] = []
  for (const view of jobs.queued(NAMESPACE, queue, count < 0 ? 'newest' : 'next')) {
    if (left-- <= 0 || bytes > limits.responseBytesHigh) break
    bytes += view.bodyEnd - view.bodyStart
    const { id } = view
    const body = Buffer.from(view.body.subarray(view.bodyStart, view.bodyEnd))
    const job = { queue, id, body, bodyStart: 0, bodyEnd: body.length }
    found.push(() => writeJob(reply, job, null))
  }
  reply.array(found.length)
  for (const write of found) write()
}

const pauseName = ({ isIn, isOut }: { isIn: boolean; isOut: boolean }): string =>
  isIn ? (isOut ? 'all' : 'in') : isOut ? 'out' : 'none'

function stat(call: Call): void {
  const { reply, services } = call
  const name = demandRead(call)
  const { jobs, runtime } = services.broker
  const found = jobs.of(NAMESPACE, name)
  if (found === undefined) return reply.noArray()
  const now = runtime.clock.now()
  const { queue } = found
  const rows: readonly (readonly [string, string | number | null])[] = [
    ['name', name],
    ['len', queue.readyCount],
    ['age', Math.max(0, Math.floor((now - found.since) / 1000))],
    ['idle', Math.max(0, Math.floor((now - found.usedAt) / 1000))],
    ['blocked', jobs.waitingCount(NAMESPACE, name)],
    ['import-from', null],
    ['import-rate', 0],
    ['jobs-in', queue.counters.published],
    ['jobs-out', queue.counters.delivered],
    ['pause', pauseName(jobs.state.pauseOf(NAMESPACE, name))],
  ]
  reply.array(rows.length * 2)
  for (const [field, value] of rows) {
    reply.binary(field)
    if (value === null) reply.array(0)
    else if (typeof value === 'number') reply.integer(value)
    else reply.text(value)
  }
}

function pause(call: Call): void {
  const { args, reply, services, client } = call
  const { jobs } = services.broker
  const queue = args.text(1)
  services.gate.demand(client, 'write', queue)
  let [isIn, isOut, isChange] = [false, false, false]
  for (let index = 2; index < args.count; index++) {
    const option = args.lower(index)
    if (option === 'state' || option === 'bcast') continue
    if (!['none', 'in', 'out', 'all'].includes(option)) throw syntaxError()
    isChange = true
    if (option === 'none') isIn = isOut = false
    if (option === 'in' || option === 'all') isIn = true
    if (option === 'out' || option === 'all') isOut = true
  }
  if (isChange) {
    jobs.pause(NAMESPACE, queue, { isIn, isOut })
    call.awaitDisk()
  }
  reply.simple(pauseName(jobs.state.pauseOf(NAMESPACE, queue)))
}

export const queueCommands: readonly Command[] = [
  { name: 'qlen', arity: 2, flags: [], summary: 'How many jobs a queue has.', run: length },
  { name: 'qpeek', arity: 3, flags: [], summary: 'Jobs of a queue, without taking.', run: peek },
  { name: 'qstat', arity: 2, flags: [], summary: 'Facts about a queue.', run: stat },
  {
    name: 'pause',
    arity: -3,
    flags: ['write'],
    summary: 'Stops a queue from taking jobs in, or giving them out.',
    run: pause,
  },
]
