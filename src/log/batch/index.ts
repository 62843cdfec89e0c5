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
  attribute,
  attributesOf,
  baseOffsetOf,
  baseTimestampOf,
  batchBytes,
  type CompressionName,
  compressionNames,
  compressionOf,
  countOf,
  deleteHorizonOf,
  HEADER_BYTES,
  isAppendTime,
  isEnveloped,
  isReferring,
  lastOffsetOf,
  leaderEpochOf,
  maxTimestampOf,
  readInt64,
  setAppendTime,
  setBaseOffset,
  setLeaderEpoch,
  setMaxTimestamp,
  SummaryView,
  summaryOf,
  writeInt64,
} from './header.ts'
export { BatchPacker, OpenBatch } from './packer.ts'
export { recompress } from './recompress.ts'
export {
  type BatchRecord,
  payloadOf,
  type RecordHeader,
  RecordScanner,
  readRecords,
} from './records.ts'
export { type LegacyRecord, readLegacy, upConvert } from './legacy-read.ts'
export { downConvert, encodeMessage, type LegacyMagic } from './legacy-write.ts'
