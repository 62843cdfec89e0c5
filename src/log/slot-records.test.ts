import { expect, test } from 'vitest'
import { SlabPool, SlotBody } from './chain/slabs.ts'
import { SlotRecords } from './slot-records.ts'
import type { StoredLog } from './stored-log.ts'

const BATCH_BYTES = 1000
const TAIL_BYTES = 10_000

const log = (): StoredLog =>
  ({ touchedSlot: -1, policy: { durability: 'sync' }, endOffset: 0, confirmedEnd: 0 }) as StoredLog

/** Slots of one batch each, with events that large beside it, all of them synced. */
function tailOf(slots: number, eventBytes: number): SlotRecords {
  const pool = new SlabPool()
  const records = new SlotRecords(TAIL_BYTES)
  const appended = log()
  for (let slot = 0; slot < slots; slot++) {
    const body = new SlotBody(pool)
    body.add(Buffer.alloc(BATCH_BYTES, slot), 0, BATCH_BYTES)
    records.touch(appended, slot, BATCH_BYTES)
    records.count(eventBytes)
    records.close(slot, body)
    records.synced(slot + 1, () => {})
  }
  return records
}

test('the tail has as many batches as there is memory for', () => {
  const records = tailOf(20, 0)
  expect(records.first).toBeGreaterThan(20 - TAIL_BYTES / BATCH_BYTES)
  expect(records.first).toBeLessThan(20 - TAIL_BYTES / BATCH_BYTES / 2)
  expect(records.batch(records.first - 1, 0, BATCH_BYTES)).toBeNull()
  for (let slot = records.first; slot < 20; slot++)
    expect(records.batch(slot, 0, BATCH_BYTES)?.[0]).toBe(slot)
})

test('events, which are on the disk alone, do not push them out', () => {
  expect(tailOf(20, 100_000).first).toBe(tailOf(20, 0).first)
})

test('what waits for the disk counts with its events until it is there', () => {
  const records = new SlotRecords(TAIL_BYTES)
  records.touch(log(), 0, BATCH_BYTES)
  records.count(500)
  expect(records.unconfirmedBytes).toBe(BATCH_BYTES + 500)
  records.close(0, new SlotBody(new SlabPool()))
  records.written(1, () => {})
  expect(records.unconfirmedBytes).toBe(BATCH_BYTES)
  records.synced(1, () => {})
  expect(records.unconfirmedBytes).toBe(0)
})
