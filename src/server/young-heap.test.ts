import { expect, test } from 'vitest'
import { limits } from '../limits/limits.ts'
import type { Timers, YoungHeap } from '../platform/platform.ts'
import { boundYoungHeap } from './young-heap.ts'

function world(isSetByOperator = false) {
  const looks: (() => void)[] = []
  const told: boolean[] = []
  let sizeBytes = 0
  const timers: Timers = {
    after: () => ({ cancel() {} }),
    every(_periodMs, run) {
      looks.push(run)
      return { cancel() {} }
    },
    soon() {},
  }
  const heap: YoungHeap = {
    sizeBytes: () => sizeBytes,
    mayGrow: may => told.push(may),
    isSetByOperator,
  }
  boundYoungHeap(heap, timers)
  const lookAt = (bytes: number): void => {
    sizeBytes = bytes
    for (const look of looks) look()
  }
  return { told, lookAt }
}

test('grows up to the bound, and again after it shrank', () => {
  const { told, lookAt } = world()
  lookAt(limits.youngHeapBytes / 2)
  expect(told).toEqual([])
  lookAt(limits.youngHeapBytes)
  lookAt(limits.youngHeapBytes * 2)
  expect(told).toEqual([false])
  lookAt(limits.youngHeapBytes / 4)
  lookAt(limits.youngHeapBytes / 2)
  expect(told).toEqual([false, true])
})

test('what the operator set stays', () => {
  const { told, lookAt } = world(true)
  lookAt(limits.youngHeapBytes * 2)
  expect(told).toEqual([])
})
