import { beforeEach, expect, test } from 'vitest'
import type { StoreRefusal } from '../../log/store.ts'
import { JournalWorld } from '../journal-world.fixture.ts'
import { Namespaces } from '../namespace/index.ts'
import { Users } from '../access/index.ts'
import { type Session, Sessions } from '../session/index.ts'
import { Alarms } from './alarms.ts'

let alarms: Alarms
let sessions: Sessions
let told: (string | null)[]
let usedBytes: number
let freeBytes: number | Error
let refuse: (refusal: StoreRefusal | null) => void

const session = (id: number): Session => ({
  id,
  protocol: 'test',
  user: { name: 'ann', tags: [] },
  namespace: '/',
  describe: () => ({}),
  channels: () => [],
  close() {},
  blocked: reason => told.push(reason),
})

beforeEach(() => {
  told = []
  usedBytes = 10
  freeBytes = 1e9
  const { parts } = new JournalWorld(
    runtime => {
      const namespaces = new Namespaces(runtime)
      const users = new Users(runtime, namespaces)
      const made = new Sessions(users, namespaces)
      return { runtime, namespaces, users, sessions: made, alarms: new Alarms(runtime, made) }
    },
    ({ namespaces, users }) => [namespaces, users],
    ({ runtime }) => {
      runtime.store.onRefusal = listener => {
        refuse = listener
      }
    },
  )
  ;({ alarms, sessions } = parts)
  sessions.add(session(1))
  alarms.start()
  alarms.watch({
    memory: { used: () => usedBytes, total: () => 1000 },
    freeBytes: async () => {
      if (freeBytes instanceof Error) throw freeBytes
      return freeBytes
    },
  })
})

/** What the disk says arrives later. */
async function checked(): Promise<void> {
  alarms.check()
  await Promise.resolve()
  await Promise.resolve()
}

test('alarms: too much memory blocks producers until there is clearly less', async () => {
  usedBytes = 600
  await checked()
  expect(told).toEqual([])
  usedBytes = 601
  await checked()
  expect(told).toEqual(['low on memory'])
  usedBytes = 590 // Within the gap, so that producers do not flap.
  await checked()
  expect(told).toEqual(['low on memory'])
  usedBytes = 570
  await checked()
  expect(told).toEqual(['low on memory', null])
})

test('alarms: who connects meanwhile is told, too', async () => {
  usedBytes = 700
  await checked()
  sessions.add(session(2))
  expect(told).toEqual(['low on memory', 'low on memory'])
})

test('alarms: little room on the disk, and both', async () => {
  await checked()
  freeBytes = 49_999_999
  await checked()
  expect(told).toEqual(['low on disk'])
  expect([...alarms.active().keys()]).toEqual(['disk'])
  usedBytes = 700
  await checked()
  expect(alarms.reason).toBe('low on memory & disk')
  freeBytes = 51_000_000
  await checked()
  expect(alarms.reason).toBe('low on memory & disk')
  freeBytes = 60_000_000
  await checked()
  expect(alarms.reason).toBe('low on memory')
  usedBytes = 0
  await checked()
  expect(alarms.reason).toBeNull()
  expect(told.at(-1)).toBeNull()
})

test('alarms: a store that refuses writes is a disk alarm, whatever the disk says', async () => {
  await checked()
  refuse({ reason: 'io-error', message: 'the disk is gone' })
  expect(alarms.active().get('disk')).toBe('the disk is gone')
  await checked()
  expect(told).toEqual(['low on disk'])
  refuse(null)
  expect(told).toEqual(['low on disk', null])
  refuse({ reason: 'closing', message: 'the broker stops' })
  expect(told).toEqual(['low on disk', null])
})

test('alarms: a disk that cannot be asked is no alarm', async () => {
  freeBytes = new Error('no such call')
  await checked()
  expect(alarms.reason).toBeNull()
  expect(alarms.diskFreeBytes).toBeNull()
})

test('alarms: limits change at run time', async () => {
  alarms.setMemoryWatermark({ fraction: 0 })
  expect(alarms.reason).toBe('low on memory')
  alarms.setMemoryWatermark({ bytes: 11 })
  expect(alarms.memoryLimitBytes).toBe(11)
  expect(alarms.reason).toBeNull()
  await checked()
  alarms.setDiskFreeMin(2e9)
  expect(alarms.reason).toBe('low on disk')
  alarms.setDiskFreeMin(0)
  expect(alarms.reason).toBeNull()
  expect(() => alarms.setMemoryWatermark({ fraction: -1 })).toThrow('zero or more')
  expect(() => alarms.setDiskFreeMin(Number.NaN)).toThrow('zero or more')
})

test('alarms: listeners hear of beginning and end', async () => {
  const heard: unknown[] = []
  alarms.onChanged((kind, reason) => heard.push([kind, reason]))
  alarms.set('memory', 'because')
  alarms.set('memory', 'because of something else')
  alarms.set('memory', null)
  expect(heard).toEqual([
    ['memory', 'because'],
    ['memory', null],
  ])
})
