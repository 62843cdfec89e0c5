import {
  attribute,
  attributesOf,
  at,
  batchBytes,
  checksumHolds,
  compressionOf,
  HEADER_BYTES,
  LENGTH_PREFIX_BYTES,
  MAGIC,
  readInt64,
} from './header.ts'

/**
 * `corrupt`: these are not the bytes that were sent. `legacy`: a message of magic 0 or 1, which
 * `upConvert` reads. `magic`: of no known format. `compression`: by a codec that nobody has named.
 * `invalid`: intact, but it contradicts itself or asks for what a producer may not.
 */
export type BatchProblemKind = 'corrupt' | 'legacy' | 'magic' | 'compression' | 'invalid'
export type BatchProblem = { readonly kind: BatchProblemKind; readonly message: string }

/** Null when the bytes are exactly one intact batch, as a producer may send it. */
export function checkBatch(batch: Buffer): BatchProblem | null {
  return checkStoredBatch(batch) ?? checkFields(batch)
}

/**
 * The same for batches that the broker wrote itself: control batches and gaps are fine. The batch
 * lies between `start` and `end`.
 */
export function checkStoredBatch(
  batch: Buffer,
  start = 0,
  end = batch.length,
): BatchProblem | null {
  return checkFrame(batch, start, end - start) ?? checkChecksum(batch, start, end)
}

function checkFrame(batch: Buffer, start: number, length: number): BatchProblem | null {
  if (length < LENGTH_PREFIX_BYTES + 5)
    return problem('corrupt', `a batch of ${length} bytes is shorter than its header`)
  const magic = batch[start + at.magic]!
  if (magic === 0 || magic === 1) return problem('legacy', `message format ${magic}`)
  if (magic !== MAGIC) return problem('magic', `message format ${magic} does not exist`)
  if (length < HEADER_BYTES)
    return problem('corrupt', `a batch of ${length} bytes is shorter than its header`)
  const sizeBytes = batchBytes(batch, start)
  if (sizeBytes !== length)
    return problem('corrupt', `the batch says ${sizeBytes} bytes and has ${length}`)
  return null
}

function checkChecksum(batch: Buffer, start: number, end: number): BatchProblem | null {
  return checksumHolds(batch, start, end) ? null : problem('corrupt', 'the checksum does not match')
}

function checkFields(batch: Buffer): BatchProblem | null {
  if (compressionOf(batch) === undefined)
    return problem('compression', `compression ${attributesOf(batch) & 0x07} does not exist`)
  const count = batch.readInt32BE(at.count)
  const lastOffsetDelta = batch.readInt32BE(at.lastOffsetDelta)
  if (count <= 0) return problem('invalid', `the batch counts ${count} records`)
  if (lastOffsetDelta !== count - 1)
    return problem('invalid', `${count} records cannot span ${lastOffsetDelta + 1} offsets`)
  // The shortest record takes seven bytes: its length and six fields of one byte.
  if (compressionOf(batch) === 'none' && (batch.length - HEADER_BYTES) / 7 < count)
    return problem('invalid', `${count} records do not fit in ${batch.length} bytes`)
  if ((attributesOf(batch) & attribute.control) !== 0)
    return problem('invalid', 'only the broker writes control batches')
  if ((attributesOf(batch) & (attribute.enveloped | attribute.referring)) !== 0)
    return problem('invalid', 'only the broker writes envelopes')
  return checkProducer(batch) ?? checkTimes(batch)
}

function checkProducer(batch: Buffer): BatchProblem | null {
  const producerId = readInt64(batch, at.producerId)
  const baseSequence = batch.readInt32BE(at.baseSequence)
  if (producerId === -1) {
    const isTransactional = (attributesOf(batch) & attribute.transactional) !== 0
    return isTransactional ? problem('invalid', 'a transaction needs a producer id') : null
  }
  if (producerId < 0 || !Number.isSafeInteger(producerId))
    return problem('invalid', `producer id ${producerId} was never given out`)
  if (baseSequence < 0) return problem('invalid', 'an idempotent batch needs a sequence number')
  if (batch.readInt16BE(at.producerEpoch) < 0)
    return problem('invalid', 'an idempotent batch needs a producer epoch')
  return null
}

function checkTimes(batch: Buffer): BatchProblem | null {
  const isSafe =
    Number.isSafeInteger(readInt64(batch, at.baseTimestamp)) &&
    Number.isSafeInteger(readInt64(batch, at.maxTimestamp))
  return isSafe ? null : problem('invalid', 'a timestamp exceeds 53 bits')
}

/**
 * Cuts concatenated batches apart without looking inside; the slices share memory with `records`.
 * Legacy messages have the same first fields and are cut the same way.
 */
export function splitBatches(records: Buffer): Buffer[] | BatchProblem {
  const batches: Buffer[] = []
  for (let position = 0; position < records.length; ) {
    const left = records.length - position
    if (left < LENGTH_PREFIX_BYTES + 5)
      return problem('corrupt', `${left} bytes after the last batch are no batch`)
    const sizeBytes = batchBytes(records, position)
    if (sizeBytes < LENGTH_PREFIX_BYTES + 5 || sizeBytes > left)
      return problem('corrupt', `a batch of ${sizeBytes} bytes does not fit in ${left}`)
    batches.push(records.subarray(position, position + sizeBytes))
    position += sizeBytes
  }
  return batches
}

function problem(kind: BatchProblemKind, message: string): BatchProblem {
  return { kind, message }
}
