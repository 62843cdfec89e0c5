/** What `strtod` reads besides decimals: any case. */
const SPECIAL = /^[+-]?(?:inf|infinity)$/i
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)(?:p([+-]?\d+))?$/i
const SIGNIFICANT = /[1-9a-f]/i
const DIGITS = 17

/**
 * The number a text says, as C's `strtod` reads it; undefined for what is none, is not a number,
 * or is too large or too small for a double.
 */
export function parseDouble(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text)
    if (!Number.isFinite(value)) return undefined
    if (value === 0 && SIGNIFICANT.test(text.replace(/e.*$/i, ''))) return undefined
    return value
  }
  if (SPECIAL.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return parseHexadecimal(text)
}

function parseHexadecimal(text: string): number | undefined {
  const found = HEXADECIMAL.exec(text)
  if (found === null) return undefined
  const [, sign, whole = '', fraction = '', power = '0'] = found
  const digits = whole + fraction
  if (digits === '') return undefined
  const value = Number(BigInt(`0x${digits}`)) * 2 ** (Number(power) - fraction.length * 4)
  if (!Number.isFinite(value) || (value === 0 && SIGNIFICANT.test(digits))) return undefined
  return sign === '-' ? -value : value
}

/** As C's `%.17g` writes it; `inf`, `-inf`, `nan`. */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value) && value !== 0) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const [mantissa = '', power = '0'] = value.toExponential(DIGITS - 1).split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < DIGITS) {
    // `toFixed` is exact to as many digits as there are, unlike a shift of the mantissa's point.
    return withoutZeros(value.toFixed(Math.max(0, DIGITS - 1 - exponent)))
  }
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${withoutZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${size}`
}

const withoutZeros = (digits: string): string =>
  digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
