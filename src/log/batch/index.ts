export { type BatchOptions, encodeBatch, type NewRecord } from './builder.ts'
export {
  type BatchProblem,
  type BatchProblemKind,
  checkBatch,
  checkStoredBatch,
  splitBatches,
} from './check.ts'
export { CodecMissingError, prepareZstd } from './compression/index.ts'
export {
  attributesOf,
  baseOffsetOf,
  batchBytes,
  type CompressionName,
  compressionNames,
  compressionOf,
  countOf,
  deleteHorizonOf,
  HEADER_BYTES,
  isAppendTime,
  lastOffsetOf,
  leaderEpochOf,
  maxTimestampOf,
  setAppendTime,
  setBaseOffset,
  setLeaderEpoch,
  setMaxTimestamp,
  summaryOf,
} from './header.ts'
export { recompress } from './recompress.ts'
export { type BatchRecord, type RecordHeader, RecordScanner, readRecords } from './records.ts'
export { type LegacyRecord, readLegacy, upConvert } from './legacy-read.ts'
export { downConvert, encodeMessage, type LegacyMagic } from './legacy-write.ts'
