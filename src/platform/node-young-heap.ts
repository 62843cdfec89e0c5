import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import type { YoungHeap } from './platform.ts'

export const FLAG = '--semi-space-growth-factor'

/** V8's, which cannot be bounded once it runs, but be kept from growing. */
export const nodeYoungHeap: YoungHeap = {
  sizeBytes: () =>
    getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0,
  mayGrow: may => setFlagsFromString(`${FLAG}=${may ? 2 : 1}`),
  isSetByOperator: [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some(word =>
    /semi[-_]space/.test(word),
  ),
}
