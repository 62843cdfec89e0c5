import {
  baseTimestampOf,
  compressionOf,
  countOf,
  isAppendTime,
  maxTimestampOf,
  RecordScanner,
  setMaxTimestamp,
} from '../../log/batch/index.ts'
import type { TopicSettings } from '../topic/index.ts'
import { plainMaxDelta } from './plain-records.ts'
import { type AppendFlaw, appendFlaw, flawOfError, type RecordFlaw } from './append-flaw.ts'

/** Nobody reads a thousand complaints about one batch. */
const RECORD_FLAWS_MAX = 100

/**
 * Looks at the records themselves, where that is needed: at all that are not compressed, because
 * it is cheap, and into compressed ones only when the topic asks for what the header cannot tell.
 */
export function checkRecords(
  batch: Buffer,
  settings: TopicSettings,
  now: number,
): AppendFlaw | null {
  if (compressionOf(batch) !== 'none' && !needsEveryRecord(batch, settings, now)) return null
  try {
    return lookQuickly(batch, settings, now) ? null : scan(batch, settings, now)
  } catch (error) {
    return flawOfError(error, 'invalid-record')
  }
}

/** True when the records are plain ones, and nothing is wrong with them. */
function lookQuickly(batch: Buffer, settings: TopicSettings, now: number): boolean {
  if (settings.isCompacted || settings.timestampType !== 'create') return false
  if (compressionOf(batch) !== 'none' || isAppendTime(batch)) return false
  const maxDelta = plainMaxDelta(batch, countOf(batch))
  if (maxDelta < 0) return false
  const oldest = baseTimestampOf(batch)
  const newest = oldest + maxDelta
  if (oldest < now - settings.timestampBeforeMsMax || newest > now + settings.timestampAfterMsMax)
    return false
  if (newest !== maxTimestampOf(batch)) setMaxTimestamp(batch, newest)
  return true
}

function needsEveryRecord(batch: Buffer, settings: TopicSettings, now: number): boolean {
  if (settings.isCompacted) return true
  if (settings.timestampType === 'append') return false
  return (
    settings.timestampBeforeMsMax < Number.MAX_SAFE_INTEGER ||
    maxTimestampOf(batch) - now > settings.timestampAfterMsMax
  )
}

function scan(batch: Buffer, settings: TopicSettings, now: number): AppendFlaw | null {
  const scanner = new RecordScanner(batch)
  const flaws: RecordFlaw[] = []
  const keepsTime = settings.timestampType === 'create'
  const oldest = now - settings.timestampBeforeMsMax
  const newest = now + settings.timestampAfterMsMax
  let isAnyTimeWrong = false
  let maxTimestamp = -1
  for (let index = 0; scanner.next(); index++) {
    if (scanner.offsetDelta !== index)
      return appendFlaw('invalid-record', `record ${index} has offset delta ${scanner.offsetDelta}`)
    const { timestamp } = scanner
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    const isKeyMissing = settings.isCompacted && scanner.keyBytes < 0
    const isTimeWrong = keepsTime && timestamp !== -1 && (timestamp < oldest || timestamp > newest)
    if (!isKeyMissing && !isTimeWrong) continue
    isAnyTimeWrong ||= isTimeWrong && !isKeyMissing
    if (flaws.length === RECORD_FLAWS_MAX) continue
    const message = isKeyMissing
      ? 'Compacted topic cannot accept message without key.'
      : `Timestamp ${timestamp} is out of range. It should be within [${oldest}, ${newest}].`
    flaws.push({ index, message })
  }
  if (flaws.length > 0) return recordsFlaw(flaws, isAnyTimeWrong)
  if (keepsTime && maxTimestamp !== maxTimestampOf(batch)) setMaxTimestamp(batch, maxTimestamp)
  return null
}

function recordsFlaw(flaws: readonly RecordFlaw[], isAnyTimeWrong: boolean): AppendFlaw {
  return isAnyTimeWrong
    ? appendFlaw(
        'invalid-timestamp',
        'One or more records have been rejected due to invalid timestamp',
        flaws,
      )
    : appendFlaw(
        'invalid-record',
        `One or more records have been rejected: ${flaws[0]?.message}`,
        flaws,
      )
}
