import { expect, test } from 'vitest'
import type { Offset } from '../../lib/brand.ts'
import { EventWriter, LaneState, restoredLane } from './lane/index.ts'
import {
  type DeclaredEvent,
  decodeQueueEvent,
  decodeQueueSnapshot,
  encodeQueueEvent,
  encodeQueueSnapshot,
  laneAddressOf,
  type QueueEvent,
  writeLaneAddress,
} from './queue-events.ts'
import type { QueueId, QueueSpec } from './queue.ts'
import type { QueueSettings } from './settings.ts'

/* There are data folders with these bytes: they change only together with a kind or version. */

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const id = 7 as QueueId
const spec = { namespace: '/', name: 'orders' } as QueueSpec

test.each<[name: string, event: QueueEvent, json: string]>([
  ['headed', { kind: 'headed', id, head: 'left' }, '{"kind":"headed","id":7,"head":"left"}'],
  [
    'adopted',
    { kind: 'adopted', id, spec },
    '{"kind":"adopted","id":7,"spec":{"namespace":"/","name":"orders"}}',
  ],
  [
    'levelled',
    { kind: 'levelled', id, lane: 1, level: 9 },
    '{"kind":"levelled","id":7,"lane":1,"level":9}',
  ],
  ['expiring', { kind: 'expiring', id }, '{"kind":"expiring","id":7}'],
  ['deleted', { kind: 'deleted', id }, '{"kind":"deleted","id":7}'],
])('events of queues: %s', (_name, event, json) => {
  expect(encodeQueueEvent(event).toString()).toBe(json)
  expect(laneAddressOf(encodeQueueEvent(event))).toBeUndefined()
  expect(decodeQueueEvent(Buffer.from(json))).toEqual(event)
})

test('events of lanes: a mark, the queue and the lane', () => {
  const writer = new EventWriter()
  writeLaneAddress(writer, 300 as QueueId, 2)
  expect(writer.bytes().toString('hex')).toBe('02d80404')
  expect(laneAddressOf(writer.bytes())).toEqual({ queue: 300, lane: 2, start: 4 })
})

/** Hex in groups that follow the fields: bits, start, handed-out end, front, and so on. */
const lanes: readonly [name: string, hex: string][] = [
  ['new', '02 14 14 00 00 00'],
  // Up to 100 handed out: up to 19 and 30 to 39 are settled, 40 is out for the third time,
  // 50 came back twice and waits.
  ['ordered', '02 28 c801 028b0112 027704 02630480a0abfef962'],
  // Put in front: 104 to 105; 102 was taken from the other end and is out; bytes are counted.
  ['as a list', '0e 14 c801 020802 00 020400 00 a01f'],
]

test.each(lanes)('lanes, %s: the snapshot makes all of it anew', (_name, groups) => {
  const hex = groups.replaceAll(' ', '')
  const state = restoredLane(bytesOf(groups))
  const writer = new EventWriter()
  state.writeSnapshot(writer)
  expect(writer.bytes().toString('hex')).toBe(hex)
})

test('events of lanes: each part is where it always was', () => {
  const state = new LaneState(0 as Offset)
  // Handed out up to 10; 12 to 13 go first; 0 to 4 are settled; 6 is out again, once before;
  // 8 came back the second time, until 5; 1000 bytes in all.
  const event = bytesOf('0c 14 020402 021308 020702 0203040a d00f')
  expect(state.evolve(event, 0)).toBe(event.length)
  expect(state.handedOutEnd).toBe(10)
  expect([state.front!.first(0), state.front!.last(0)]).toEqual([12, 13])
  expect(state.settled.floor).toBe(5)
  expect([...state.counts]).toEqual([[6, 1]])
  expect([...state.back]).toEqual([[8, 2]])
  expect([...state.readyAt]).toEqual([[8, 5]])
  expect(state.unsettledBytes).toBe(1000)
})

const settings = { lengthMax: 5 } as QueueSettings
const declared = (queue: number): DeclaredEvent => ({
  kind: 'declared',
  id: queue as QueueId,
  spec,
  settings,
  topic: 'topic' as DeclaredEvent['topic'],
  ownsTopic: true,
  floors: [],
  levels: [],
  ...(queue === 8 ? { head: 'left' as const } : {}),
})
const lane = bytesOf('02 14 14 00 00 00')
const queues = [
  { declared: declared(7), lanes: [lane, lane] },
  { declared: declared(8), lanes: [lane] },
]
const text =
  '{"version":2,"idNext":9,"settings":[{"lengthMax":5}],"declared":[' +
  '{"kind":"declared","id":7,"spec":{"namespace":"/","name":"orders"},"settings":0,' +
  '"topic":"topic","ownsTopic":true,"floors":[],"levels":[],"laneCount":2},' +
  '{"kind":"declared","id":8,"spec":{"namespace":"/","name":"orders"},"settings":0,' +
  '"topic":"topic","ownsTopic":true,"floors":[],"levels":[],"head":"left","laneCount":1}]}'

test('the snapshot of queues: a text, then the lanes', () => {
  const snapshot = encodeQueueSnapshot({ queues, idNext: 9 })
  const size = Buffer.from(text.length.toString(16).padStart(8, '0'), 'hex')
  const written = `00000006${lane.toString('hex')}`.repeat(3)
  expect(snapshot).toEqual(Buffer.concat([size, Buffer.from(text), bytesOf(written)]))
  expect(decodeQueueSnapshot(snapshot)).toEqual({ queues, idNext: 9 })
})

test('the snapshot of queues: one of another version is refused', () => {
  const snapshot = encodeQueueSnapshot({ queues: [], idNext: 9 })
  const newer = Buffer.from(snapshot.toString('latin1').replace('"version":2', '"version":3'))
  expect(() => decodeQueueSnapshot(newer)).toThrow('"queues" in the newest checkpoint has format 3')
})
