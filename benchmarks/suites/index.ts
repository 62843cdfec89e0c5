import type { Suite } from '../harness/suite.ts'
import { kafkaSuite } from './kafka/index.ts'
import { startSuite } from './start.ts'

/** In the order they run, and stand in docs/performance.md. */
export const suites: readonly Suite[] = [kafkaSuite, startSuite]
