import { doesNotThrow, throws } from 'node:assert/strict'
import { test } from 'vitest'
import { Ledger } from './ledger.ts'

type Step = (ledger: Ledger) => void
const found =
  (offset: number, value: string): Step =>
  ledger =>
    ledger.found(offset, value)
const acked =
  (value: string, offset = -1): Step =>
  ledger =>
    ledger.acknowledged(value, offset)
const settled =
  (end: number): Step =>
  ledger =>
    ledger.settled(end, ledger.due)

const cases: [name: string, steps: Step[], complaint: RegExp | null][] = [
  ['what was acknowledged is there', [acked('a:0', 0), found(0, 'a:0'), settled(1)], null],
  ['what was not may be there', [found(0, 'a:0'), settled(1)], null],
  ['a late acknowledgement agrees', [found(0, 'a:0'), acked('a:0', 0), settled(1)], null],
  ['reading again finds the same', [found(0, 'a:0'), found(0, 'a:0'), settled(1)], null],
  ['a lost record', [acked('a:0'), settled(0)], /1 acknowledged records are lost/],
  ['a lost tail that had been read', [found(0, 'a:0'), settled(0)], /ended at 1/],
  ['a record that comes twice', [found(0, 'a:0'), found(1, 'a:0')], /again at 1/],
  ['a gap', [found(0, 'a:0'), found(2, 'a:1')], /offset 2 follows 0/],
  ['another record at the offset', [found(0, 'a:0'), found(0, 'a:1')], /now it is "a:1"/],
  ['another offset than told', [acked('a:0', 1), found(0, 'a:0')], /acknowledged at 1/],
  ['records in another order', [found(0, 'a:1'), found(1, 'a:0')], /comes after a:1/],
]

for (const [name, steps, complaint] of cases) {
  test(`ledger: ${name}`, () => {
    const run = (): void => {
      const ledger = new Ledger('p')
      for (const step of steps) step(ledger)
    }
    if (complaint === null) doesNotThrow(run)
    else throws(run, complaint)
  })
}
