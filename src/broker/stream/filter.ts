import type { Mappings } from '../../message/mapping.ts'
import type { StreamFilter } from './stream-reader.ts'

/** Publishers set it, readers ask for some of its values: RabbitMQ's names, for every protocol. */
export const FILTER_VALUE_HEADER = 'x-stream-filter-value'

export type FilterSpec = {
  readonly values: readonly string[]
  /** Whether messages that have no value are wanted, too. */
  readonly matchUnfiltered: boolean
}

/** RabbitMQ leaves out whole chunks only, and clients sort out the rest; here all is exact. */
export function streamFilter(mappings: Mappings, spec: FilterSpec): StreamFilter {
  const values = new Set(spec.values)
  return message => {
    const value = mappings.commonOf(message).headers.get(FILTER_VALUE_HEADER)
    if (value === undefined || value === null) return spec.matchUnfiltered
    return typeof value === 'string' && values.has(value)
  }
}
