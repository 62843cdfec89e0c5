import { Queue, QueueEvents, Worker, FlowProducer } from 'bullmq'
import { Inbox } from '../../inbox.ts'
import type { Program } from '../scenario.ts'

/** Jobs with retries, delays, priorities, children: all is scripts, lists and sorted sets. */
export const bullmqProgram: Program = {
  name: 'bullmq',
  prepare: async () => {},
  run: async (address, note) => {
    const [host = '', port] = address.split(':')
    const connection = { host, port: Number(port), maxRetriesPerRequest: null }
    const queue = new Queue('jobs', { connection })
    const events = new QueueEvents('jobs', { connection })
    const done = new Inbox<string>()
    const tried = new Map<string, number>()
    await events.waitUntilReady()
    const worker = new Worker(
      'jobs',
      async job => {
        const count = (tried.get(job.name) ?? 0) + 1
        tried.set(job.name, count)
        if (job.name === 'stubborn' && count < 3) throw new Error('not yet')
        if (job.name === 'hopeless') throw new Error('never')
        return { got: job.data as unknown }
      },
      { connection, concurrency: 1, autorun: false },
    )
    worker.on('completed', job => done.put(`${job.name} done`))
    worker.on('failed', job => {
      if (job?.attemptsMade === job?.opts.attempts) done.put(`${job?.name} failed`)
    })
    try {
      await queue.add('low', 1, { priority: 10 })
      await queue.add('high', 2, { priority: 1 })
      await queue.add('plain', 3)
      note('waiting', await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active'))
      void worker.run()
      note('order', await done.take(3, 20_000))
      const job = await queue.add('answered', { a: [1, 'two'] })
      note('answer', await job.waitUntilFinished(events, 20_000))
      await done.take(1, 20_000)
      await queue.add('stubborn', 4, { attempts: 3, backoff: { type: 'fixed', delay: 50 } })
      await queue.add('hopeless', 5, { attempts: 2, backoff: 20 })
      note('retried', (await done.take(2, 20_000)).sort())
      note('tries', [tried.get('stubborn'), tried.get('hopeless')])
      const began = performance.now()
      await queue.add('delayed', 6, { delay: 300 })
      note('delayed', await done.take(1, 20_000))
      note('not before its time', performance.now() - began >= 290)
      await queue.addBulk(Array.from({ length: 200 }, (_, data) => ({ name: 'many', data })))
      note('many', (await done.take(200, 30_000)).length)
      note(
        'failed',
        (await queue.getFailed()).map(({ name, failedReason }) => [name, failedReason]),
      )
      await flow(connection, note, done)
      note(
        'counts',
        await queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed'),
      )
      await queue.obliterate({ force: true })
      note('after obliteration', await queue.getJobCounts('completed', 'failed'))
    } finally {
      await worker.close()
      await events.close()
      await queue.close()
    }
  },
}

async function flow(
  connection: { host: string; port: number },
  note: (label: string, value: unknown) => void,
  done: Inbox<string>,
): Promise<void> {
  const producer = new FlowProducer({ connection })
  const children = [1, 2].map(data => ({ name: `child ${data}`, queueName: 'jobs', data }))
  await producer.add({ name: 'parent', queueName: 'jobs', data: 0, children })
  note('a parent is last', await done.take(3, 20_000))
  await producer.close()
}
