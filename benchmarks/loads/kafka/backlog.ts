import { type Progress, runProduce } from './produce.ts'
import { Reader, shareOf } from './reader.ts'
import type { Settings } from './settings.ts'

/** While it is drained, so much of the rate it was written at goes on being written. */
const GOES_ON_SHARE = 0.2
/** So that only the count of records ends it. */
const SECONDS_MAX = 3600

export type BacklogResult = {
  /** All that were read: the backlog, and what was written while it was drained. */
  readonly records: number
  readonly writtenPerSecond: number
  readonly drainedPerSecond: number
}

/** Written with nobody who reads it, then read while writing goes on, until nothing is left. */
export async function runBacklog(
  given: Settings,
  betweenPhases = (): void => {},
): Promise<BacklogResult> {
  const settings = { ...given, seconds: SECONDS_MAX }
  const count = Math.ceil(settings.backlogBytes / settings.recordBytes)
  const backlog = await runProduce(settings, { isOver: ({ sent }) => sent >= count })
  betweenPhases()
  const writtenPerSecond = backlog.records / backlog.seconds
  const begin = performance.now()
  const written: Progress = { sent: 0, answered: 0 }
  let records = 0
  let seconds = 0
  const isDrained = (): boolean => records >= backlog.records + written.answered
  const readOn = async (index: number): Promise<void> => {
    const own = shareOf(settings.partitions, settings.connections, index)
    if (own.length === 0) return
    const reader = await Reader.open(settings, own, (_, __, count) => (records += count))
    // Once it is over it stays over, though a few more records may be on their way.
    while (seconds === 0) {
      await reader.fetch()
      if (seconds === 0 && isDrained()) seconds = (performance.now() - begin) / 1000
    }
    reader.close()
  }
  const rate = writtenPerSecond * GOES_ON_SHARE
  await Promise.all([
    runProduce({ ...settings, rate }, { progress: written, isOver: () => seconds > 0 }),
    ...Array.from({ length: settings.connections }, (_, index) => readOn(index)),
  ])
  return { records, writtenPerSecond, drainedPerSecond: records / seconds }
}
