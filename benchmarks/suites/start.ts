import type { Suite } from '../harness/suite.ts'
import { sabir } from '../sides/sabir.ts'

export const startSuite: Suite = {
  name: 'start',
  title: 'Start-up and memory',
  load: 'none: the time from the command to the first connection, and what it costs to be there',
  sides: [sabir('kafka')],
  isFreshEach: true,
  workloads: [
    {
      name: 'start with an empty folder',
      figures: [{ name: 'ready', unit: 'ms', better: 'less' }],
      run: async ({ readyMs }) => ({ figures: { ready: readyMs } }),
    },
  ],
}
