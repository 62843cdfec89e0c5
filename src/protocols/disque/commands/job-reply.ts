import type { Broker } from '../../../broker/broker.ts'
import type { JobView } from '../../../broker/job/index.ts'
import type { ReplyWriter } from '../../../lib/resp/index.ts'

/** Nanoseconds since 1970 that are a place in a millisecond, as Disque counts. */
const NANOS_PER_MS = 1_000_000

export type JobCounters = {
  readonly nacks: number
  readonly additionalDeliveries: number
}

export function writeJob(
  reply: ReplyWriter,
  job: Pick<JobView, 'queue' | 'id' | 'body' | 'bodyStart' | 'bodyEnd'>,
  counters: JobCounters | null,
): void {
  reply.array(counters === null ? 3 : 7)
  reply.text(job.queue)
  reply.binary(job.id)
  reply.bulk(job.body, job.bodyStart, job.bodyEnd)
  if (counters === null) return
  reply.binary('nacks')
  reply.integer(counters.nacks)
  reply.binary('additional-deliveries')
  reply.integer(counters.additionalDeliveries)
}

/** What SHOW says: fifteen names, each with its value. */
export function writeJobInfo(reply: ReplyWriter, job: JobView, { jobs, runtime }: Broker): void {
  const now = runtime.clock.now()
  const ttl = Math.max(0, Math.floor(job.createdAt / 1000) + job.ttl - Math.floor(now / 1000))
  const requeueWithin = job.requeueAt === null ? null : Math.max(0, job.requeueAt - now)
  const name = (text: string): void => reply.binary(text)
  reply.array(30)
  name('id')
  reply.binary(job.id)
  name('queue')
  reply.text(job.queue)
  name('state')
  reply.binary(job.state)
  name('repl')
  reply.integer(1)
  name('ttl')
  reply.integer(ttl)
  name('ctime')
  reply.integer(BigInt(Math.floor(job.createdAt)) * BigInt(NANOS_PER_MS) + fraction(job.createdAt))
  name('delay')
  reply.integer(job.delay)
  name('retry')
  reply.integer(job.retry)
  name('nacks')
  reply.integer(job.nacks)
  name('additional-deliveries')
  reply.integer(job.additionalDeliveries)
  name('nodes-delivered')
  reply.array(1)
  reply.binary(jobs.node)
  name('nodes-confirmed')
  reply.array(0)
  for (const field of ['next-requeue-within', 'next-awake-within']) {
    name(field)
    if (requeueWithin === null) reply.nothing()
    else reply.integer(requeueWithin)
  }
  name('body')
  reply.bulk(job.body, job.bodyStart, job.bodyEnd)
}

const fraction = (millis: number): bigint =>
  BigInt(Math.floor((millis - Math.floor(millis)) * NANOS_PER_MS))
