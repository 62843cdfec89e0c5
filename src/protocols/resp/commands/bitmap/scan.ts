const ones = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
)

/** How many bits of a range are 1. */
export function countOnes(bytes: Buffer, start: number, end: number): number {
  let count = 0
  const to = Math.floor((end - 1) / 8)
  for (let at = Math.floor(start / 8); at <= to; at++)
    count += ones[masked(bytes[at]!, at, start, end)]!
  return count
}

/** Where the first such bit of a range is; -1: there is none. */
export function firstBit(
  bytes: Buffer,
  { bit, start, end }: { readonly bit: number; readonly start: number; readonly end: number },
): number {
  const to = Math.floor((end - 1) / 8)
  for (let at = Math.floor(start / 8); at <= to; at++) {
    const byte = bit === 1 ? bytes[at]! : ~bytes[at]! & 0xff
    const found = masked(byte, at, start, end)
    if (found !== 0) return at * 8 + Math.clz32(found) - 24
  }
  return -1
}

/** What of a byte lies in the range, in bits. */
function masked(byte: number, at: number, start: number, end: number): number {
  let result = byte
  if (at * 8 < start) result &= 0xff >> (start - at * 8)
  if (at * 8 + 8 > end) result &= 0xff << (at * 8 + 8 - end)
  return result & 0xff
}
