const ZERO = 0x30
const MINUS = 0x2d
/** So many digits are always a safe integer. */
const SAFE_DIGITS = 15
const DIGITS_MAX = 19

export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n

/**
 * The 64-bit integer that bytes say in the one way Redis accepts: no sign but a minus, no zeros in
 * front. A bigint where a number is not exact; undefined for what is none.
 */
export function parseInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | bigint | undefined {
  const isNegative = start < end && bytes[start] === MINUS
  const from = isNegative ? start + 1 : start
  const digits = end - from
  if (digits < 1 || digits > DIGITS_MAX) return undefined
  if (bytes[from] === ZERO) return digits === 1 && !isNegative ? 0 : undefined
  if (digits > SAFE_DIGITS) return parseLong(bytes, start, end)
  let value = 0
  for (let at = from; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return isNegative ? -value : value
}

/** The same for a binary string. */
export function parseIntegerText(text: string): number | bigint | undefined {
  const isNegative = text.charCodeAt(0) === MINUS
  const from = isNegative ? 1 : 0
  const digits = text.length - from
  if (digits < 1 || digits > DIGITS_MAX) return undefined
  if (text.charCodeAt(from) === ZERO) return digits === 1 && !isNegative ? 0 : undefined
  if (digits > SAFE_DIGITS) return longOf(text)
  let value = 0
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) return undefined
    value = value * 10 + digit
  }
  return isNegative ? -value : value
}

function parseLong(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  return longOf(String.fromCharCode(...bytes.subarray(start, end)))
}

function longOf(text: string): number | bigint | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  const value = BigInt(text)
  return value < INT64_MIN || value > INT64_MAX ? undefined : narrowed(value)
}

/** As a number where that is exact. */
export function narrowed(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
