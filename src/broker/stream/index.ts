export type { StreamStart } from './start.ts'
export type { StreamFilter, StreamOptions, StreamReader, StreamTaker } from './stream-reader.ts'
export { Streams } from './streams.ts'
export { FILTER_VALUE_HEADER, type FilterSpec, streamFilter } from './filter.ts'
