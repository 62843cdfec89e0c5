const SECOND_MS = 1000
const DAY_MS = 24 * 3600 * SECOND_MS
const UNITS_MS: Readonly<Record<string, number>> = {
  Y: 365 * DAY_MS,
  M: 30 * DAY_MS,
  D: DAY_MS,
  h: 3600 * SECOND_MS,
  m: 60 * SECOND_MS,
  s: SECOND_MS,
}

/** Milliseconds of an age as streams are given one ("7D", "12h"), or undefined when it is none. */
export function durationOf(value: unknown): number | undefined {
  const found = typeof value === 'string' ? /^(\d{1,12})([YMDhms])$/.exec(value) : null
  if (found === null) return undefined
  const duration = Number(found[1]) * UNITS_MS[found[2]!]!
  return duration > 0 && Number.isSafeInteger(duration) ? duration : undefined
}
