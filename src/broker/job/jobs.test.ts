import { expect, test } from 'vitest'
import { accept, requeue } from '../queue/index.ts'
import { isJobId } from './index.ts'
import { bodyOf, JobWorld } from './world.fixture.ts'

test('a job is had once, is active then, and is gone when it is acknowledged', () => {
  const world = new JobWorld()
  const id = world.add('a')
  expect(isJobId(id)).toBe(true)
  expect(world.state(id)).toBe('queued')
  expect(world.take()).toEqual({ id, body: 'a' })
  expect(world.state(id)).toBe('active')
  expect(world.take()).toBeNull()
  expect(world.jobs.acknowledge(id)).toBe(true)
  expect(world.state(id)).toBe('none')
  expect(world.jobs.acknowledge(id)).toBe(false)
  world.queues.settle()
  world.queues.crash()
  expect(world.state(id)).toBe('none')
  expect(world.take()).toBeNull()
})

test('an id says in its last digits whether a job may be delivered more than once', () => {
  const world = new JobWorld()
  expect(world.add('a', { ttl: 86_400 }).slice(-4)).toBe('05a1')
  expect(world.add('a', { ttl: 86_400, retry: 0 }).slice(-4)).toBe('05a0')
  expect(world.add('a', { ttl: 59 }).slice(-4)).toBe('0001')
  expect(world.add('a', { ttl: 2 ** 31 }).slice(-4)).toBe('ffff')
})

test('who does not acknowledge in time gives the job back, and ids survive a start', () => {
  const world = new JobWorld()
  const id = world.add('a', { retry: 10 })
  world.take()
  world.queues.advance(9900)
  expect(world.take()).toBeNull()
  world.queues.advance(200)
  expect(world.take()).toEqual({ id, body: 'a' })
  expect(world.jobs.show(id)).toMatchObject({ additionalDeliveries: 1, nacks: 0 })
  world.queues.settle()
  world.queues.crash()
  expect(world.state(id)).toBe('queued')
  expect(world.take()).toEqual({ id, body: 'a' })
  expect(world.jobs.acknowledge(id)).toBe(true)
})

test('working postpones, until half of the life is over', () => {
  const world = new JobWorld()
  const id = world.add('a', { retry: 10, ttl: 60 })
  world.take()
  world.queues.advance(8000)
  expect(world.jobs.postpone(id)).toBe(10)
  world.queues.advance(8000)
  expect(world.state(id)).toBe('active')
  world.queues.advance(14_500)
  expect(world.jobs.postpone(id)).toBe('too-late')
  expect(world.jobs.postpone(`${id.slice(0, 11)}${'A'.repeat(24)}-0001`)).toBe('unknown')
})

test('working takes a queued job out of its queue', () => {
  const world = new JobWorld()
  const id = world.add('a')
  expect(world.jobs.postpone(id)).toBe(10)
  expect(world.take()).toBeNull()
  world.queues.advance(10_100)
  expect(world.take()).toEqual({ id, body: 'a' })
})

test('a negative acknowledgement puts the job back at its place, and is counted', () => {
  const world = new JobWorld()
  const first = world.add('a')
  world.add('b')
  world.take()
  expect(world.jobs.putBack(first, true)).toBe(true)
  expect(world.jobs.putBack(first, true)).toBe(false)
  expect(world.queued()).toEqual(['a', 'b'])
  expect(world.jobs.show(first)).toMatchObject({ nacks: 1, additionalDeliveries: 0 })
  world.take()
  expect(world.jobs.putBack(first, false)).toBe(true)
  expect(world.jobs.show(first)).toMatchObject({ nacks: 1, additionalDeliveries: 1 })
})

test('a delayed job is there to be shown, and to be had when its time has come', () => {
  const world = new JobWorld()
  const id = world.add('a', { delay: 5 })
  const soon = world.add('b')
  expect(world.state(id)).toBe('active')
  expect(world.jobs.show(id)?.requeueAt).toBe(world.queues.now + 5000)
  expect(world.take()?.id).toBe(soon)
  expect(world.take()).toBeNull()
  world.queues.crash()
  expect(world.take()?.id).toBe(soon)
  expect(world.take()).toBeNull()
  world.queues.advance(5100)
  expect(world.take()).toEqual({ id, body: 'a' })
  expect(world.jobs.show(id)?.additionalDeliveries).toBe(0)
})

test('a delayed job is queued at once, or deleted, by its id', () => {
  const world = new JobWorld()
  const first = world.add('a', { delay: 5 })
  const second = world.add('b', { delay: 5 })
  expect(world.jobs.putBack(first, false)).toBe(true)
  expect(world.take()?.id).toBe(first)
  expect(world.jobs.acknowledge(second)).toBe(true)
  world.queues.advance(6000)
  expect(world.take()).toBeNull()
  world.queues.settle()
  world.queues.crash()
  expect(world.state(second)).toBe('none')
})

test('what may be delivered once is settled as it is had, and acknowledged all the same', () => {
  const world = new JobWorld()
  const id = world.add('a', { retry: 0 })
  expect(world.take()).toEqual({ id, body: 'a' })
  expect(world.jobs.acknowledge(id)).toBe(true)
  expect(world.jobs.acknowledge(id)).toBe(false)
  world.add('b', { retry: 0 })
  world.take()
  world.queues.settle()
  world.queues.crash()
  expect(world.take()).toBeNull()
})

test('a job whose life is over is nobody’s', () => {
  const world = new JobWorld()
  world.add('a', { ttl: 60, retry: 5 })
  world.queues.advance(61_000)
  expect(world.take()).toBeNull()
})

test('a job in the middle of the queue is deleted, or taken out and put back, by its id', () => {
  const world = new JobWorld()
  world.add('a')
  const middle = world.add('b')
  const last = world.add('c')
  expect(world.jobs.acknowledge(middle)).toBe(true)
  expect(world.queued()).toEqual(['a', 'c'])
  expect(world.jobs.takeOut(last)).toBe(true)
  expect(world.jobs.takeOut(last)).toBe(false)
  expect(world.queued()).toEqual(['a'])
  expect(world.jobs.putBack(last, false)).toBe(true)
  expect(world.queued()).toEqual(['a', 'c'])
  expect(Array.from(world.jobs.queued('/', 'q', 'newest'), bodyOf)).toEqual(['c', 'a'])
})

test('a job is known by its id in the turn it was added in', () => {
  const world = new JobWorld()
  const ids = ['a', 'b', 'c'].map(body => world.addNow(body))
  expect(world.state(ids[1]!)).toBe('queued')
  expect(world.jobs.acknowledge(ids[1]!)).toBe(true)
  expect(world.queued()).toEqual(['a', 'c'])
})

test('messages of others are jobs, and jobs are messages for others', () => {
  const world = new JobWorld()
  world.queues.declare()
  world.queues.publish('theirs')
  world.queues.settle()
  const theirs = world.take()
  expect(theirs?.body).toBe('theirs')
  expect(world.jobs.show(theirs!.id)).toMatchObject({ retry: 300, ttl: 86_400 })
  expect(world.jobs.acknowledge(theirs!.id)).toBe(true)

  const ours = world.add('ours')
  const { got } = world.queues.pull()
  expect(got?.body).toBe('ours')
  expect(world.state(ours)).toBe('active')
  world.queues.queue().settle(got!.lane, got!.offset, requeue)
  expect(world.state(ours)).toBe('queued')
  const again = world.queues.pull().got!
  world.queues.queue().settle(again.lane, again.offset, accept)
  expect(world.jobs.acknowledge(ours)).toBe(false)
})

test('a policy limits how often a job comes back', () => {
  const world = new JobWorld()
  world.queues.declare({ deliveryLimit: 1, deadLetterExchange: 'dlx' })
  world.add('a', { retry: 1 })
  world.take()
  world.queues.advance(1100)
  expect(world.take()?.body).toBe('a')
  world.queues.advance(1100)
  expect(world.take()).toBeNull()
  expect(world.queues.dead).toEqual([{ queue: 'q', body: 'a', reason: 'delivery_limit' }])
})

test('a queue that is paused gives nothing out, or takes nothing back; over a start, too', () => {
  const world = new JobWorld()
  const id = world.add('a', { retry: 1 })
  world.jobs.pause('/', 'q', { isIn: false, isOut: true })
  world.queues.settle()
  expect(world.take()).toBeNull()
  world.queues.crash()
  expect(world.take()).toBeNull()
  world.jobs.pause('/', 'q', { isIn: true, isOut: false })
  expect(world.take()?.id).toBe(id)
  world.queues.advance(1100)
  expect(world.state(id)).toBe('active')
  world.jobs.pause('/', 'q', { isIn: false, isOut: false })
  world.queues.advance(1100)
  expect(world.state(id)).toBe('queued')
})

test('who waits is served in the order they came, by whatever protocol a message comes', () => {
  const world = new JobWorld()
  const got: string[] = []
  const waiting = (name: string) => {
    const taker = {
      serve: () => {
        const job = world.take()
        if (job === null) return false
        got.push(`${name} ${job.body}`)
        world.jobs.leave(taker, '/', ['q'])
        return true
      },
    }
    world.jobs.wait(taker, '/', ['q'])
  }
  waiting('first')
  waiting('second')
  expect(world.jobs.waitingCount('/', 'q')).toBe(2)
  world.add('a')
  world.queues.publish('b')
  world.queues.settle()
  expect(got).toEqual(['first a', 'second b'])
  expect(world.jobs.waitingCount('/', 'q')).toBe(0)
})

test('the node has one name for ever', () => {
  const world = new JobWorld()
  const { node } = world.jobs
  expect(node).toMatch(/^[0-9a-f]{40}$/)
  world.queues.crash()
  expect(world.jobs.node).toBe(node)
  world.queues.checkpoint()
  world.queues.crash()
  expect(world.jobs.node).toBe(node)
})

test('an id of a job that was lost is not that of the one which takes its place', () => {
  const world = new JobWorld()
  world.add('before')
  const lost = world.addNow('lost')
  world.queues.crash()
  const kept = world.add('kept')
  expect(kept.slice(11, 27)).toBe(lost.slice(11, 27)) // The very same place.
  expect([world.state(lost), world.jobs.acknowledge(lost)]).toEqual(['none', false])
  world.take()
  expect(world.take()).toEqual({ id: kept, body: 'kept' })
  expect([world.jobs.putBack(lost, true), world.jobs.acknowledge(lost)]).toEqual([false, false])
  expect(world.jobs.acknowledge(kept)).toBe(true)
})

test.each([
  ['as failed', true],
  ['as if nothing was', false],
])('what goes back %s before the disk has it is not lost', (_name, isFailure) => {
  const world = new JobWorld()
  world.add('first')
  world.jobs.acknowledge(world.take()!.id)
  const id = world.addNow('second')
  world.take()
  expect(world.jobs.putBack(id, isFailure)).toBe(true)
  world.queues.turn()
  expect(world.state(id)).toBe('queued')
  expect(world.queues.consume().bodies).toEqual(['second'])
})
