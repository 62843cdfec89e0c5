export { firstRecordSince, SegmentReader } from './reader.ts'
export { Segmenter } from './segmenter.ts'
export { SegmentWriter } from './writer.ts'
