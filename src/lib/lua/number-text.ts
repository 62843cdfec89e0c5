const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const HEXADECIMAL = /^([+-]?)0x([\da-f]+)$/i
const SPECIAL = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i
/** Integers below it have at most 14 digits. */
const PLAIN_MAX = 1e14
/** A five and so many zeros: exactly in the middle, as no double comes that close to one. */
const MIDDLE_DIGITS = 30
const MIDDLE = '5'.padEnd(MIDDLE_DIGITS, '0')
const MIDDLE_MAX = 100 - MIDDLE_DIGITS

/** The number that a text says, with spaces around it or not; undefined: it says none. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.replace(/^[\s\v]+|[\s\v]+$/g, '')
  if (DECIMAL.test(trimmed)) return Number(trimmed)
  const hexadecimal = HEXADECIMAL.exec(trimmed)
  if (hexadecimal !== null) {
    const value = Number(`0x${hexadecimal[2]!}`)
    return hexadecimal[1] === '-' ? -value : value
  }
  const special = SPECIAL.exec(trimmed)
  if (special === null) return undefined
  if (special[2] === undefined) return NaN
  return special[1] === '-' ? -Infinity : Infinity
}

/** As Lua shows numbers: `%.14g`. */
export function numberText(value: number): string {
  if (value > -PLAIN_MAX && value < PLAIN_MAX && Number.isInteger(value)) {
    return value === 0 && Object.is(value, -0) ? '-0' : String(value)
  }
  return formatGeneral(value, 14, false)
}

/** C's `%.<precision>g`; with `isKept` the zeros at the end stay, as for `#`. */
export function formatGeneral(value: number, precision: number, isKept: boolean): string {
  if (!Number.isFinite(value)) return specialText(value)
  const digits = Math.max(1, precision)
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1])
  if (exponent < -4 || exponent >= digits) {
    return formatExponent(value, digits - 1, isKept)
  }
  const text = formatFixed(value, Math.max(0, digits - 1 - exponent))
  return isKept ? text : withoutZeros(text)
}

/** C's `%.<precision>e`. */
export function formatExponent(value: number, precision: number, isKept = true): string {
  if (!Number.isFinite(value)) return specialText(value)
  const [mantissa = '', power = '0'] = exponentParts(value, precision)
  const size = String(Math.abs(Number(power))).padStart(2, '0')
  const sign = Object.is(value, -0) ? '-' : ''
  const shown = isKept ? mantissa : withoutZeros(mantissa)
  return `${sign}${shown}e${power.startsWith('-') ? '-' : '+'}${size}`
}

/** C's `%.<precision>f`. */
export function formatFixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return specialText(value)
  if (Math.abs(value) >= 1e21) {
    const whole = BigInt(value).toString()
    return precision === 0 ? whole : `${whole}.${'0'.repeat(precision)}`
  }
  const text = halfEven(value, precision, value.toFixed(precision))
  return Object.is(value, -0) ? `-${text}` : text
}

/** C rounds what lies exactly between two to the even one; JavaScript rounds it away from zero. */
function halfEven(value: number, precision: number, rounded: string): string {
  if (precision > MIDDLE_MAX || !isOdd(rounded)) return rounded
  const longer = value.toFixed(precision + MIDDLE_DIGITS)
  if (!longer.endsWith(MIDDLE)) return rounded
  const cut = longer.slice(0, -MIDDLE_DIGITS)
  return cut.endsWith('.') ? cut.slice(0, -1) : cut
}

function exponentParts(value: number, precision: number): string[] {
  const rounded = value.toExponential(precision).split('e')
  if (precision > MIDDLE_MAX || !isOdd(rounded[0]!)) return rounded
  const [longer = '', power = ''] = value.toExponential(precision + MIDDLE_DIGITS).split('e')
  if (!longer.endsWith(MIDDLE)) return rounded
  return [longer.slice(0, -MIDDLE_DIGITS).replace(/\.$/, ''), power]
}

const isOdd = (digits: string): boolean => '13579'.includes(digits[digits.length - 1]!)

function specialText(value: number): string {
  if (Number.isNaN(value)) return '-nan'
  return value > 0 ? 'inf' : '-inf'
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}
