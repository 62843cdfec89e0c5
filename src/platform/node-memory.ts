import { totalmem } from 'node:os'
import type { Memory } from './platform.ts'

/** What this process holds, and what it could: all of the machine, or of its container. */
export const nodeMemory: Memory = {
  used: () => process.memoryUsage.rss(),
  total() {
    const constrained = process.constrainedMemory?.() ?? 0
    // Without a limit, the system says none (0) or one beyond everything it has.
    return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  },
}
