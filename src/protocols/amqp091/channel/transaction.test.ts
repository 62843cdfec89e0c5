import { expect, test } from 'vitest'
import { enqueued } from '../../../broker/queue/queue.ts'
import { confirmSelect, txCommit, txRollback, txSelect } from '../schema/index.ts'
import { ChannelWorld } from './channel.fixture.ts'

function begun(count = 0) {
  const world = new ChannelWorld()
  const queue = world.queue('q')
  const channel = world.open()
  for (let index = 0; index < count; index++) channel.publish({ routingKey: 'q' }, `m${index}`)
  channel.send(txSelect, {})
  return { world, queue, channel }
}

test('tx: nothing is done before the commit, and commit-ok comes when it is safe', () => {
  const { world, queue, channel } = begun(2)
  channel.consume('q')
  world.turn()
  channel.read()
  channel.ack(2, true)
  channel.publish({ routingKey: 'q', mandatory: true }, 'new')
  channel.publish({ routingKey: 'nobody', mandatory: true }, 'back')
  expect([queue.settled, queue.readyCount, channel.read()]).toEqual([[], 0, []])
  expect(channel.port.describe()).toMatchObject({
    transactional: true,
    messages_uncommitted: 2,
    acks_uncommitted: 2,
    messages_unacknowledged: 0,
  })
  channel.send(txCommit, {})
  expect([queue.settled, queue.readyCount]).toEqual([['accept 0', 'accept 1'], 1])
  expect([channel.read(), channel.holdCount]).toEqual([['return 312 NO_ROUTE  nobody = back'], 1])
  world.turn()
  world.synced()
  expect([channel.read(), channel.holdCount]).toEqual([
    ['deliver t 3 false  q = new', 'commit_ok'],
    0,
  ])
})

test('tx: a rollback forgets messages, and what was acknowledged is out again', () => {
  const { world, queue, channel } = begun(1)
  channel.consume('q')
  world.turn()
  channel.ack(1)
  channel.publish({ routingKey: 'q' }, 'new')
  channel.send(txRollback, {})
  channel.send(txCommit, {})
  expect([queue.settled, queue.readyCount]).toEqual([[], 0])
  channel.ack(1)
  channel.send(txCommit, {})
  expect(queue.settled).toEqual(['accept 0'])
})

test('tx: what is acknowledged twice is an error before the commit', () => {
  const { world, channel } = begun(1)
  channel.consume('q')
  world.turn()
  channel.ack(1)
  channel.ack(1)
  expect(channel.error?.replyText).toBe('PRECONDITION_FAILED - unknown delivery tag 1')
})

test('tx: a channel that closes gives back what it had acknowledged', () => {
  const { world, queue, channel } = begun(2)
  channel.consume('q')
  world.turn()
  channel.ack(1)
  channel.port.closed()
  expect(queue.settled).toEqual(['requeue-counted 0..1'])
})

test('tx: a queue that refuses fails the commit', () => {
  const { world, queue, channel } = begun()
  queue.answer = enqueued.rejected
  channel.publish({ routingKey: 'q' }, 'x')
  channel.send(txCommit, {})
  world.turn()
  world.synced()
  expect(channel.error?.replyText).toBe('PRECONDITION_FAILED - partial tx completion')
})

test('tx: what cannot be published fails the commit before anything is done', () => {
  const { world, queue, channel } = begun(1)
  world.exchanges.set('x', { type: 'fanout', queues: ['q'] })
  channel.consume('q')
  world.turn()
  channel.ack(1)
  channel.publish({ routingKey: 'q' }, 'first')
  channel.publish({ exchange: 'x' }, 'second')
  world.exchanges.delete('x')
  world.changed()
  channel.send(txCommit, {})
  expect(channel.error?.replyText).toBe("NOT_FOUND - no exchange 'x' in vhost '/'")
  expect(queue.settled).toEqual(['requeue-counted 0'])
})

test('tx: a disk that fails fails the commit', () => {
  const { world, channel } = begun()
  channel.publish({ routingKey: 'q' }, 'x')
  channel.send(txCommit, {})
  world.turn()
  world.synced({ reason: 'io-error', message: 'the disk failed' })
  expect(channel.error?.replyText).toBe('PRECONDITION_FAILED - the disk failed')
})

test.each([
  ['cannot switch from tx to confirm mode', [txSelect, confirmSelect]],
  ['cannot switch from confirm to tx mode', [confirmSelect, txSelect]],
  ['channel is not transactional', [txCommit]],
  ['channel is not transactional', [txRollback]],
] as const)('tx: %s', (text, methods) => {
  const channel = new ChannelWorld().open()
  for (const method of methods)
    if (method === confirmSelect) channel.send(confirmSelect, { nowait: false })
    else channel.send(txSelect.key === method.key ? txSelect : method, {})
  expect(channel.error?.replyText).toBe(`PRECONDITION_FAILED - ${text}`)
})
