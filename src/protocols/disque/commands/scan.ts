import {
  jobStates,
  type JobView,
  type QueueJobs,
  type StateOfJob,
} from '../../../broker/job/index.ts'
import type { Call, Command } from '../command.ts'
import { limits } from '../../../limits/limits.ts'
import { ReplyError, syntaxError } from '../errors.ts'
import { NAMESPACE } from '../services.ts'
import { wholeIn } from '../words.ts'
import { writeJobInfo } from './job-reply.ts'

const COUNT_DEFAULT = 100
/** What is looked at for each that is asked for. */
const LOOKED_PER_WANTED = 10
/** Of a job in a reply, besides its body: an estimate for the bound. */
const JOB_BYTES = 1024
/** A cursor is a queue, a lane (4 bits) and an offset (40 bits) in it. */
const LANE_BITS = 4n
const OFFSET_BITS = 40n
const OFFSET_MAX = 2 ** Number(OFFSET_BITS)
const LANES_MAX = 2 ** Number(LANE_BITS)

function numberAt({ args }: Call, index: number): number {
  const value = wholeIn(args, index)
  if (value === undefined) throw new ReplyError('ERR value is not an integer or out of range')
  return value
}

/** A word that is no option. */
function cursorIn({ args }: Call, index: number, before: bigint | null): bigint {
  if (before !== null) throw syntaxError()
  const word = args.binary(index)
  if (!/^\d{1,24}$/.test(word)) throw new ReplyError('ERR invalid cursor or option name')
  return BigInt(word)
}

function scanQueues(call: Call): void {
  const { args, reply, services } = call
  const filter = { count: COUNT_DEFAULT, lengthMin: -1, lengthMax: -1, importRate: -1 }
  let isWhole = false
  let cursor: bigint | null = null
  for (let index = 1; index < args.count; index++) {
    const option = args.lower(index)
    const hasMore = index + 1 < args.count
    if (option === 'busyloop') isWhole = true
    else if (option === 'count' && hasMore) filter.count = numberAt(call, ++index)
    else if (option === 'minlen' && hasMore) filter.lengthMin = numberAt(call, ++index)
    else if (option === 'maxlen' && hasMore) filter.lengthMax = numberAt(call, ++index)
    else if (option === 'importrate' && hasMore) filter.importRate = numberAt(call, ++index)
    else cursor = cursorIn(call, index, cursor)
  }
  const found: string[] = []
  let next = 0
  let looked = 0
  for (const { queue } of services.broker.jobs.all(NAMESPACE)) {
    if (BigInt(queue.id) < (cursor ?? 0n)) continue
    const isEnough = found.length >= filter.count || looked >= filter.count * LOOKED_PER_WANTED
    if (!isWhole && isEnough) {
      next = queue.id
      break
    }
    looked++
    const { readyCount } = queue
    if (filter.lengthMin >= 0 && readyCount < filter.lengthMin) continue
    if (filter.lengthMax >= 0 && readyCount > filter.lengthMax) continue
    if (filter.importRate > 0) continue
    found.push(queue.spec.name)
  }
  reply.array(2)
  reply.text(String(next))
  reply.array(found.length)
  for (const name of found) reply.text(name)
}

type JobFilter = {
  count: number
  queue: string | null
  states: StateOfJob[]
  isWhole: boolean
  hasAll: boolean
  cursor: bigint | null
}

function jobFilterAt(call: Call): JobFilter {
  const { args } = call
  const filter: JobFilter = {
    count: COUNT_DEFAULT,
    queue: null,
    states: [],
    isWhole: false,
    hasAll: false,
    cursor: null,
  }
  for (let index = 1; index < args.count; index++) {
    const option = args.lower(index)
    const hasMore = index + 1 < args.count
    if (option === 'busyloop') filter.isWhole = true
    else if (option === 'count' && hasMore) filter.count = numberAt(call, ++index)
    else if (option === 'queue' && hasMore) filter.queue = args.text(++index)
    else if (option === 'state' && hasMore) filter.states.push(stateAt(call, ++index))
    else if (option === 'reply' && hasMore) filter.hasAll = isReplyAll(call, ++index)
    else filter.cursor = cursorIn(call, index, filter.cursor)
  }
  return filter
}

function stateAt({ args }: Call, index: number): StateOfJob {
  const state = jobStates.find(name => name === args.lower(index))
  if (state === undefined) throw new ReplyError('ERR Invalid job state name')
  return state
}

function isReplyAll({ args }: Call, index: number): boolean {
  const word = args.lower(index)
  if (word !== 'id' && word !== 'all') throw new ReplyError('ERR Invalid REPLY type, try ID or ALL')
  return word === 'all'
}

/** All jobs from a cursor on, each with the cursor behind it. */
function* jobsFrom(
  { services }: Call,
  cursor: bigint,
  only: string | null,
): Generator<{ readonly view: JobView | null; readonly next: bigint }> {
  const { jobs } = services.broker
  const firstQueue = cursor >> (LANE_BITS + OFFSET_BITS)
  const queues = only === null ? jobs.all(NAMESPACE) : present(jobs.of(NAMESPACE, only))
  for (const { queue } of queues) {
    const id = BigInt(queue.id)
    if (id < firstQueue) continue
    const isFirst = id === firstQueue
    const laneFrom = isFirst ? Number((cursor >> OFFSET_BITS) & (2n ** LANE_BITS - 1n)) : 0
    for (const lane of queue.lanes.all.slice(laneFrom, LANES_MAX)) {
      const base = (id << (LANE_BITS + OFFSET_BITS)) + (BigInt(lane.index) << OFFSET_BITS)
      const from =
        isFirst && lane.index === laneFrom ? Number(cursor & (2n ** OFFSET_BITS - 1n)) : 0
      const end = Math.min(lane.log.endOffset, OFFSET_MAX - 1)
      for (let offset = Math.max(from, lane.log.startOffset); offset < end; offset++)
        yield { view: jobs.at(queue, lane, offset), next: base + BigInt(offset + 1) }
    }
  }
}

const present = (jobs: QueueJobs | undefined): readonly QueueJobs[] =>
  jobs === undefined ? [] : [jobs]

function scanJobs(call: Call): void {
  const { reply, services } = call
  const filter = jobFilterAt(call)
  services.broker.turn.flush()
  const found: (() => void)[] = []
  let next = 0n
  let looked = 0
  let bytes = 0
  for (const { view, next: behind } of jobsFrom(call, filter.cursor ?? 0n, filter.queue)) {
    looked++
    if (view !== null && (filter.states.length === 0 || filter.states.includes(view.state))) {
      const { id } = view
      bytes += filter.hasAll ? view.bodyEnd - view.bodyStart + JOB_BYTES : id.length
      if (!filter.hasAll) found.push(() => reply.simple(id))
      else {
        const job = view.copy()
        found.push(() => writeJobInfo(reply, job, services.broker))
      }
    }
    const isEnough = found.length >= filter.count || looked >= filter.count * LOOKED_PER_WANTED
    // With BUSYLOOP, too, there is a bound: the cursor says that there is more.
    if (filter.isWhole ? bytes > limits.responseBytesHigh : isEnough) {
      next = behind
      break
    }
  }
  reply.array(2)
  reply.text(String(next))
  reply.array(found.length)
  for (const write of found) write()
}

export const scanCommands: readonly Command[] = [
  { name: 'qscan', arity: -1, flags: [], summary: 'Queues, some at a time.', run: scanQueues },
  { name: 'jscan', arity: -1, flags: [], summary: 'Jobs, some at a time.', run: scanJobs },
]
