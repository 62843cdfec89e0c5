import { expect, test } from 'vitest'
import { limits } from '../../limits/limits.ts'
import { nodePlatform } from '../../platform/index.ts'
import type { Chain } from './chain.ts'
import type { ClosedSlot } from './forming-slot.ts'
import { type SlotListener, SlotWriter } from './slot-writer.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

test('slot writer: a slot that a failure closes gets what belongs to it', async () => {
  let failWrite: (error: Error) => void = () => {}
  const written: ClosedSlot[] = []
  const chain: Partial<Chain> = {
    writeNow: () => false,
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
  const beforeFailure = ['closing', 'closing', 'closed 1 of 1'] // Does more come? Then for good.
  expect(events).toEqual([...beforeFailure, 'closing', 'closed 2 of 2', 'failed'])
  writer.stop()
})

function writerOn(writeNow: (slot: ClosedSlot) => boolean) {
  const events: string[] = []
  const chain: Partial<Chain> = {
    writeNow: slot => {
      events.push(`now ${slot.number}`)
      return writeNow(slot)
    },
    write: ({ number }) => Promise.resolve(void events.push(`write ${number}`)),
    sync: () => Promise.resolve(void events.push('sync')),
  }
  let closing = (): void => {}
  const due: (() => void)[] = []
  const listener: SlotListener = {
    closing: () => closing(),
    closed: () => {},
    written: below => void events.push(`written below ${below}`),
    synced: below => void events.push(`synced below ${below}`),
    failed: (_, first) => void events.push(`failed from ${first}`),
    recovered: () => {},
  }
  const writer = new SlotWriter({
    chain: chain as Chain, // What is missing is not asked for.
    timers: {
      ...nodePlatform.timers,
      after: (_, run) => {
        due.push(run)
        return { cancel: () => {} }
      },
    },
    listener,
    flushIntervalMs: 1000,
    next: 1,
  })
  const onClosing = (run: () => void): void => {
    closing = run
  }
  const passTime = (): void => {
    for (const run of due.splice(0)) run()
  }
  return { writer, events, onClosing, passTime }
}

test('slot writer: a small slot that somebody waits for is synced at once', async () => {
  const { writer, events } = writerOn(() => true)
  writer.forming.machine('m', Buffer.from('event'))
  writer.wantSync()
  await turn()
  expect(events).toEqual(['now 1', 'written below 2', 'synced below 2'])
})

test('slot writer: what is large or refused is written by others', async () => {
  const { writer, events } = writerOn(() => false)
  writer.forming.machine('m', Buffer.from('event'))
  writer.wantSync()
  await turn()
  const others = ['write 1', 'written below 2', 'sync', 'synced below 2']
  expect(events.splice(0)).toEqual(['now 1', ...others])
  writer.forming.machine('m', Buffer.alloc(limits.writeNowBytesMax))
  writer.wantSync()
  await turn()
  expect(events.splice(0)).toEqual(['write 2', 'written below 3', 'sync', 'synced below 3'])
  writer.forming.machine('m', Buffer.from('event'))
  writer.hurry()
  await turn()
  expect(events).toEqual(['now 3', 'write 3', 'written below 4'])
})

test('slot writer: what is owed is synced later than what is waited for', async () => {
  const { writer, events, passTime } = writerOn(() => true)
  const append = (): void => {
    writer.forming.machine('m', Buffer.from('event'))
    writer.oweSync()
    writer.hurry() // Waits for the write.
  }
  append()
  await turn()
  expect(events.splice(0)).toEqual(['now 1', 'written below 2', 'sync', 'synced below 2'])
  for (const slot of [2, 3]) {
    append()
    await turn()
    expect(events.splice(0)).toEqual([`now ${slot}`, `written below ${slot + 1}`])
  }
  passTime()
  await turn()
  expect(events).toEqual(['sync', 'synced below 4'])
})

test('slot writer: readers wait for the sync when they see nothing before', async () => {
  const { writer, events } = writerOn(() => true)
  for (const slot of [1, 2]) {
    writer.forming.machine('m', Buffer.from('event'))
    writer.oweSync()
    writer.hurryReaders()
    await turn()
    const synced = [`written below ${slot + 1}`, `synced below ${slot + 1}`]
    expect(events.splice(0)).toEqual([`now ${slot}`, ...synced])
  }
  writer.forming.machine('m', Buffer.from('event'))
  writer.hurryReaders()
  await turn()
  expect(events).toEqual(['now 3', 'written below 4'])
})

test('slot writer: nothing is acknowledged when writing at once fails', async () => {
  const { writer, events } = writerOn(() => {
    throw new Error('planted')
  })
  writer.forming.machine('m', Buffer.from('event'))
  writer.wantSync()
  await turn()
  expect(events).toEqual(['now 1', 'failed from 1'])
  expect(writer.syncedBelow).toBe(1)
  writer.stop()
})

test('slot writer: what comes in the next turns shares the sync, for a few turns', async () => {
  const { writer, events, onClosing } = writerOn(() => true)
  let turns = 3
  onClosing(() => {
    if (turns-- > 0) writer.forming.machine('m', Buffer.from('more'))
  })
  writer.forming.machine('m', Buffer.from('event'))
  writer.wantSync()
  for (let passed = 0; passed < 3; passed++) await turn()
  expect(events).toEqual([])
  await turn()
  expect(events).toEqual(['now 1', 'written below 2', 'synced below 2'])

  events.length = 0
  turns = Number.POSITIVE_INFINITY
  writer.forming.machine('m', Buffer.from('event'))
  writer.wantSync()
  for (let passed = 0; passed < limits.joiningTurnsMax; passed++) await turn()
  expect(events).toEqual([])
  turns = 1
  await turn()
  expect(events).toEqual(['now 2', 'written below 3', 'synced below 3'])
})
