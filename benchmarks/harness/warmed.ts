import type { Subject } from './side.ts'
import type { Workload } from './suite.ts'

/**
 * Makes workloads that call `warmUp` once for each server, before the first of them is prepared:
 * what a server does for the first time is not counted, whichever workload is its first. Code is
 * compiled then, memory and files are made.
 */
export function warmedBy(
  warmUp: (subject: Subject) => Promise<void>,
): (workload: Workload) => Workload {
  const warm = new WeakSet<Subject>()
  return workload => ({
    ...workload,
    prepare: async (subject, settings) => {
      if (!warm.has(subject)) await warmUp(subject)
      warm.add(subject)
      await workload.prepare?.(subject, settings)
    },
  })
}
