import { expect, test } from 'vitest'
import { nodePlatform } from '../../platform/index.ts'
import type { Chain } from './chain.ts'
import type { ClosedSlot } from './forming-slot.ts'
import { type SlotListener, SlotWriter } from './slot-writer.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

test('slot writer: a slot that a failure closes gets what belongs to it', async () => {
  let failWrite: (error: Error) => void = () => {}
  const written: ClosedSlot[] = []
  const chain: Partial<Chain> = {
    write: slot => {
      written.push(slot)
      return new Promise((_, reject) => {
        failWrite = reject
      })
    },
  }
  const events: string[] = []
  let heldBack: string | null = null
  const listener: Partial<SlotListener> = {
    closing: () => {
      events.push('closing')
      if (heldBack !== null) add(heldBack)
      heldBack = null
    },
    closed: ({ number, indexCount }) => void events.push(`closed ${number} of ${indexCount}`),
    failed: () => void events.push('failed'),
  }
  const writer = new SlotWriter({
    chain: chain as Chain, // What is missing is not asked for.
    timers: { ...nodePlatform.timers, after: () => ({ cancel: () => {} }) },
    listener: listener as SlotListener,
    flushIntervalMs: 1000,
    next: 1,
  })
  const add = (event: string): void => writer.forming.machine('m', Buffer.from(event))

  add('first')
  writer.wantSync()
  await turn()
  expect(written.map(({ number }) => number)).toEqual([1])
  add('second')
  heldBack = 'what came before the second'
  failWrite(new Error('planted'))
  await turn()
  const beforeFailure = ['closing', 'closed 1 of 1']
  expect(events).toEqual([...beforeFailure, 'closing', 'closed 2 of 2', 'failed'])
  writer.stop()
})
