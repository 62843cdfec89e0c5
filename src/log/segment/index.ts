export { firstRecordSince, SegmentReader } from './reader.ts'
export { SegmentWriter } from './writer.ts'
