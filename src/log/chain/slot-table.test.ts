import { expect, test } from 'vitest'
import { seededRandom } from '../../platform/index.ts'
import { BLOCK_BYTES } from './slot-format.ts'
import { SlotTable } from './slot-table.ts'

type Row = { file: number; position: number; frontBytes: number; footprintBytes: number }

const FIRST = 7

/** The table beside a list of all slots that were ever pushed and not cut. */
class Pair {
  readonly table = new SlotTable(FIRST)
  readonly rows: Row[] = []
  first = FIRST
  #position = BLOCK_BYTES

  push(frontBytes: number, bodyBytes: number): void {
    const slot = FIRST + this.rows.length
    const file = Math.floor(slot / 10)
    const footprintBytes = Math.ceil((frontBytes + bodyBytes) / BLOCK_BYTES) * BLOCK_BYTES
    this.table.push(slot, file, this.#position, frontBytes, bodyBytes)
    this.rows.push({ file, position: this.#position, frontBytes, footprintBytes })
    this.#position += footprintBytes
  }

  cutFrom(slot: number): void {
    this.table.cutFrom(slot)
    this.rows.length = Math.min(this.rows.length, Math.max(slot, this.first) - FIRST)
  }

  forgetBelow(slot: number): void {
    this.table.forgetBelow(slot)
    this.first = Math.max(this.first, Math.min(slot, FIRST + this.rows.length))
  }

  /** Of a run, in no clever way. */
  sums(from: number, to: number): { footprintBytes: number; frontsBytes: number } {
    const sums = { footprintBytes: 0, frontsBytes: 0 }
    for (let slot = Math.max(from, this.first); slot < to; slot++) {
      const row = this.rows[slot - FIRST]
      sums.footprintBytes += row?.footprintBytes ?? 0
      sums.frontsBytes += row?.frontBytes ?? 0
    }
    return sums
  }
}

test('rows and sums are right, whatever is pushed, cut and forgotten', () => {
  const random = seededRandom(1)
  const below = (end: number): number => Math.floor(random.next() * end)
  const pair = new Pair()
  const { table } = pair
  for (let step = 0; step < 2000; step++) {
    const dice = random.next()
    if (dice < 0.8) pair.push(100 + below(9000), below(20_000))
    else if (dice < 0.9) pair.cutFrom(table.next - below(Math.min(5, table.next - table.first + 1)))
    else pair.forgetBelow(table.first + below(12))
    expect([table.first, table.next]).toEqual([pair.first, FIRST + pair.rows.length])
    if (table.first === table.next) continue
    const slot = table.first + below(table.next - table.first)
    const { file, position, frontBytes } = pair.rows[slot - FIRST]!
    expect(table.file(slot)).toBe(file)
    expect(table.position(slot)).toBe(position)
    expect(table.frontBytes(slot)).toBe(frontBytes)
    const [from, to] = [slot - below(20), slot + below(20)]
    const { footprintBytes, frontsBytes } = pair.sums(from, to)
    expect(table.footprintBytes(from, to)).toBe(footprintBytes)
    expect(table.frontsBytes(from, to)).toBe(frontsBytes)
  }
})

test('slots that are not there take nothing', () => {
  const table = new SlotTable(5)
  expect(table.footprintBytes(0, 100)).toBe(0)
  table.push(5, 0, BLOCK_BYTES, 100, 1)
  expect(table.footprintBytes(0, 5)).toBe(0)
  expect(table.footprintBytes(6, 100)).toBe(0)
  expect(table.footprintBytes(0, 100)).toBe(BLOCK_BYTES)
})
