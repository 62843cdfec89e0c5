import { limits } from '../limits/limits.ts'
import type { Timers, YoungHeap } from '../platform/platform.ts'

const LOOK_MS = 50

/**
 * Left alone, the young part of the heap grows with the first load to its largest size, 48 MiB and
 * more in newer versions of Node, and stays there. A broker that makes few objects a message works
 * as well with less. It may shrink again when there is nothing to do, so it is looked at for good.
 */
export function boundYoungHeap(heap: YoungHeap, timers: Timers): void {
  if (heap.isSetByOperator) return
  let may = true
  timers.every(LOOK_MS, () => {
    const isSmall = heap.sizeBytes() < limits.youngHeapBytes
    if (isSmall !== may) heap.mayGrow(isSmall)
    may = isSmall
  })
}
