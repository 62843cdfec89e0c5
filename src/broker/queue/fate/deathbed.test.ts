import { describe, expect, test } from 'vitest'
import { reject } from '../consumer.ts'
import { QueueWorld } from '../world.fixture.ts'

const full = { reason: 'disk-full', message: 'no room' } as const

/** A message that was rejected, whose dead letter is published and not yet appended. */
function dying(): QueueWorld {
  const world = new QueueWorld()
  const queue = world.declare({ deadLetterExchange: 'dlx' })
  world.declare({}, { name: 'dead' })
  world.onDead = ({ body }) => void world.publish(body, { queue: 'dead' })
  world.publish('a')
  world.settle()
  world.consume(1).settle(queue, reject, 'a')
  return world
}

const counts = (world: QueueWorld): number[] => [
  world.queue('q').readyCount + world.queue('q').unsettledCount,
  world.queue('dead').readyCount,
]

describe('a dead letter and its message', () => {
  test('move in one turn', () => {
    const world = dying()
    world.turn()
    world.store.confirm()
    expect(counts(world)).toEqual([0, 1])
    world.crash()
    expect(counts(world)).toEqual([0, 1])
  })

  test('stay, when the disk is full before the turn ends, and move when there is room', () => {
    const world = dying()
    world.store.refuse(full)
    world.settle()
    expect(counts(world)[1]).toBe(0)
    world.store.refuse(null)
    world.advance(10_000)
    expect(counts(world)).toEqual([0, 1])
  })

  test('are where they were, when the process ends meanwhile', () => {
    const world = dying()
    world.store.refuse(full)
    world.settle()
    world.store.refuse(null)
    world.crash()
    expect(counts(world)).toEqual([1, 0])
  })

  test('an expired one, too', () => {
    const world = new QueueWorld()
    world.declare({ deadLetterExchange: 'dlx', messageTtlMs: 1000 })
    world.declare({}, { name: 'dead' })
    world.onDead = ({ body }) => {
      world.publish(body, { queue: 'dead' })
      if (world.dead.length === 1) world.store.refuse(full)
    }
    world.publish('a')
    world.settle()
    world.advance(1000)
    expect([world.dead.length, world.queue('dead').readyCount]).toEqual([1, 0])
    world.store.refuse(null)
    world.advance(10_000)
    expect(counts(world)).toEqual([0, 1])
  })
})
