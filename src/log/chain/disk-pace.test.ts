import { expect, test } from 'vitest'
import { limits } from '../../limits/limits.ts'
import { DiskPace } from './disk-pace.ts'

const SLOW_MS = limits.writeNowMsMax + 1

/** How often others have to do it until it is tried again. */
function leftToOthers(pace: DiskPace): number {
  let count = 0
  while (!pace.isWaitingCheap()) count++
  return count
}

test('disk pace: a quick disk is waited for, one that is slow again and again ever less', () => {
  const pace = new DiskPace()
  expect(leftToOthers(pace)).toBe(0)
  pace.waited(limits.writeNowMsMax)
  expect(leftToOthers(pace)).toBe(0)
  const backoffs = Array.from({ length: 6 }, () => {
    pace.waited(SLOW_MS)
    return leftToOthers(pace)
  })
  expect(backoffs).toEqual([4, 8, 16, 32, 64, 64])
  for (let slot = 0; slot < 4; slot++) pace.waited(0)
  pace.waited(SLOW_MS)
  expect(leftToOthers(pace)).toBe(4)
})
