import type { Operation } from '../operation.ts'
import { statusOperations } from './status.ts'

/** Everything that can be asked for locally, by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...statusOperations].map(one => [one.name, one]),
)
