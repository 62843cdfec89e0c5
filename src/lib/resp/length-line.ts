const CR = 0x0d
const ZERO = 0x30
/** More digits are no length of anything. */
const DIGITS_MAX = 15

/** A line with a number behind its first byte: `*3`, `$11`. Read into again and again. */
export class LengthLine {
  value = 0
  /** The line is whole, and no number in its shortest form. */
  isBad = false
  /** Behind the line. */
  end = 0

  /** False: the line has not come as a whole. */
  read(bytes: Buffer, start: number, end: number): boolean {
    let at = start + 1
    let value = 0
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    const digits = at - start - 1
    const isPlain = digits === 1 || (digits > 1 && bytes[start + 1] !== ZERO)
    if (!isPlain || digits > DIGITS_MAX || bytes[at] !== CR) return this.#readOdd(bytes, start, end)
    if (at + 1 >= end) return false
    this.value = value
    this.isBad = false
    this.end = at + 2 // What stands in the place of the line feed, Redis does not look at.
    return true
  }

  #readOdd(bytes: Buffer, start: number, end: number): boolean {
    const lineEnd = bytes.indexOf(CR, start)
    if (lineEnd < 0 || lineEnd + 1 >= end) return false
    const text = bytes.toString('latin1', start + 1, lineEnd)
    this.isBad = text.length > DIGITS_MAX || !/^(0|-?[1-9]\d*)$/.test(text)
    this.value = this.isBad ? 0 : Number(text)
    this.end = lineEnd + 2
    return true
  }
}
