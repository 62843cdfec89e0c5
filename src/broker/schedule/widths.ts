/** What comes in is never sorted finer than this; only a bucket with too much in it is split. */
export const WIDTH_MS_MIN = 4096
/** A bucket that is split makes so many. */
export const SPLIT_FACTOR = 16

/**
 * How wide a bucket is for a message that is due in `delayMs`: a power of two, an eighth to a
 * quarter of the delay. So what is far off lies in few wide buckets, and at any time there are no
 * more than nine of each width.
 */
export function widthFor(delayMs: number): number {
  let widthMs = WIDTH_MS_MIN
  while (widthMs * 8 <= delayMs) widthMs *= 2
  return widthMs
}

export const startOf = (due: number, widthMs: number): number => due - (due % widthMs)

/** So long before its start a bucket is looked after: it takes time to move its messages. */
export const leadFor = (widthMs: number): number => Math.max(2000, widthMs / 2)
