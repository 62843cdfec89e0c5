import { beforeEach, expect, test } from 'vitest'
import { Millis, type Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import { baseOffsetOf, isEnveloped, readRecords } from '../../log/batch/index.ts'
import {
  type Log,
  type LogId,
  openMemoryStore,
  type Store,
  type StoreRefusal,
  StoreRefusedError,
} from '../../log/index.ts'
import { limits } from '../../limits/limits.ts'
import { Publication } from '../../message/publication.ts'
import { nodePlatform } from '../../platform/index.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import { Turn } from '../turn.ts'
import { Packers } from './packers.ts'

const policy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1 << 30,
  segmentMs: 1 << 30,
  compaction: null,
} as const

let store: Store
let logs: Log[]
let packers: Packers
let turn: Turn
let now = 1000
let refusal: StoreRefusal | null = null

beforeEach(async () => {
  const { random } = nodePlatform
  const runtime = new Runtime({
    settings: brokerSettingsDefault,
    clock: { now: () => Millis(now++), elapsed: () => 0 },
    timers: { ...nodePlatform.timers, soon() {} },
    random,
    logger: silentLogger,
  })
  store = await openMemoryStore({ platform: nodePlatform, machines: [], logger: silentLogger })
  const { append } = store
  store.append = (log: LogId, bytes: Buffer, start?: number, end?: number) => {
    if (refusal !== null) throw new StoreRefusedError(refusal)
    return append.call(store, log, bytes, start, end)
  }
  refusal = null
  runtime.attach(store)
  turn = new Turn(runtime)
  packers = new Packers(runtime, turn)
  logs = [0, 1, 2].map(() => store.createLog(policy))
})

function add(log: number, body: string, timestamp = -1): void {
  const publication = new Publication()
  publication.addressTo('', 'q')
  publication.body = Buffer.from(body)
  publication.bodyEnd = publication.body.length
  publication.timestamp = timestamp
  packers.add({ logId: logs[log]!.id }, publication)
  publication.body.fill(0) // It is valid during the call only.
}

async function batchesOf(log: number): Promise<readonly Buffer[]> {
  await new Promise(resolve => setImmediate(resolve))
  return logs[log]!.read(0 as Offset, 1e9)
}

const bodiesOf = async (log: number): Promise<string[]> =>
  (await batchesOf(log)).flatMap(batch => readRecords(batch).map(({ value }) => `${value}`))

test('one batch for each log and turn, in order', async () => {
  for (const [log, body] of [
    [0, 'a'],
    [1, 'b'],
    [0, 'c'],
    [2, 'd'],
    [0, 'e'],
  ] as const)
    add(log, body)
  expect(logs.map(({ endOffset }) => endOffset)).toEqual([0, 0, 0])
  expect(packers.waitingCount(logs[0]!.id)).toBe(3)
  turn.flush()
  add(1, 'f')
  turn.flush()
  expect(packers.waitingCount(logs[0]!.id)).toBe(0)
  expect(await bodiesOf(0)).toEqual(['a', 'c', 'e'])
  expect(await bodiesOf(1)).toEqual(['b', 'f'])
  expect(await bodiesOf(2)).toEqual(['d'])
  expect((await batchesOf(0)).map(isEnveloped)).toEqual([true])
  expect((await batchesOf(1)).map(batch => baseOffsetOf(batch))).toEqual([0, 1])
})

test('all records of a turn have one time, unless they bring their own', async () => {
  const began = now
  add(0, 'a')
  add(1, 'b')
  add(0, 'c', 5)
  turn.flush()
  add(0, 'd')
  turn.flush()
  const times = async (log: number) =>
    (await batchesOf(log)).flatMap(batch => readRecords(batch).map(({ timestamp }) => timestamp))
  expect(await times(0)).toEqual([began, 5, began + 1])
  expect(await times(1)).toEqual([began])
})

test('what does not fit in a batch begins another, and stays in the turn', async () => {
  const bodies = Array.from({ length: 30 }, (_, index) => `${index}`.repeat(20_000))
  for (const body of bodies) add(0, body)
  add(0, 'x'.repeat(3_000_000))
  add(0, 'last')
  expect(logs[0]!.endOffset).toBe(0)
  turn.flush()
  expect(await bodiesOf(0)).toEqual([...bodies, 'x'.repeat(3_000_000), 'last'])
  expect((await batchesOf(0)).length).toBeGreaterThan(2)
})

test('much that waits is appended between two messages, when asked', () => {
  const count = Math.floor(limits.packedBytesMax / 1_000_000)
  for (let left = count; left > 0; left--) add(0, 'x'.repeat(1_000_000))
  packers.relieve()
  expect(logs[0]!.endOffset).toBe(0)
  add(0, 'x'.repeat(1_000_000))
  packers.relieve()
  expect(logs[0]!.endOffset).toBe(count + 1)
})

test('a log that was deleted meanwhile takes nothing', async () => {
  add(0, 'a')
  add(1, 'b')
  store.deleteLog(logs[0]!.id)
  turn.flush()
  expect(await bodiesOf(1)).toEqual(['b'])
})

test('a store that refuses is said once, to those who wait', async () => {
  refusal = { reason: 'disk-full', message: 'full' }
  add(0, 'a')
  turn.flush()
  expect(packers.refusal).toBe(refusal)
  expect(packers.waitingCount(logs[0]!.id)).toBe(0)
  refusal = null
  add(0, 'b')
  turn.flush()
  expect(packers.refusal?.reason).toBe('disk-full') // Until the turn is over.
  expect(await bodiesOf(0)).toEqual(['b'])
})
