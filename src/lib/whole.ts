/** A whole number from 0 to 2^64 - 1: a bigint from 2^53 on, and only there. */
export type Whole = number | bigint

/** The largest `Whole`. */
export const WHOLE_MAX = 2n ** 64n - 1n

/** The one way a number is written; the caller knows that it is in range. */
export function whole(value: bigint): Whole {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/** Undefined above the largest one. */
export function wholeAfter(value: Whole): Whole | undefined {
  if (typeof value === 'number' && value < Number.MAX_SAFE_INTEGER) return value + 1
  return value === WHOLE_MAX ? undefined : BigInt(value) + 1n
}

/** Undefined below zero. */
export function wholeBefore(value: Whole): Whole | undefined {
  if (value === 0) return undefined
  return typeof value === 'number' ? value - 1 : whole(value - 1n)
}

/** Less than 2^53 are added; undefined above the largest one. */
export function wholePlus(value: Whole, added: number): Whole | undefined {
  if (typeof value === 'number' && value + added <= Number.MAX_SAFE_INTEGER) return value + added
  const sum = BigInt(value) + BigInt(added)
  return sum > WHOLE_MAX ? undefined : whole(sum)
}
