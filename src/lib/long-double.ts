import { parseDouble } from './float-text.ts'

const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i
const MANTISSA_BITS = 64
/** The exponents an x87 has: nothing above, and nothing but zero below. */
const EXPONENT_MAX = 16_384
const EXPONENT_MIN = -16_445
const POWER_MAX = 5000
const TEXT_MAX = 5 * 1024
const SCALE = 10n ** 17n

/**
 * A number with 64 bits of mantissa, as x87 processors have it and C calls `long double`: with it
 * Redis adds decimals so that 0.1 and 0.2 are 0.3. A whole number times a power of two.
 */
export class LongDouble {
  readonly #mantissa: bigint
  readonly #exponent: number
  readonly isFinite: boolean

  private constructor(mantissa: bigint, exponent: number, isFinite: boolean) {
    this.#mantissa = mantissa
    this.#exponent = exponent
    this.isFinite = isFinite
  }

  /** As C's `strtold` reads it; undefined for what is no number, too large or too small. */
  static parse(text: string): LongDouble | undefined {
    if (text.length >= TEXT_MAX) return undefined
    const found = DECIMAL.exec(text)
    if (found === null) return parseRest(text)
    const [, sign = '', whole = '', fraction = '', power = '0'] = found
    if (whole === '' && fraction === '') return undefined
    const digits = BigInt(whole + fraction)
    if (digits === 0n) return new LongDouble(0n, 0, true)
    const scale = Number(power) - fraction.length
    if (Math.abs(scale) > POWER_MAX + TEXT_MAX) return undefined
    const signed = sign === '-' ? -digits : digits
    const made =
      scale >= 0
        ? rounded(signed * 10n ** BigInt(scale), 0)
        : quotient(signed, 10n ** BigInt(-scale))
    return made.isFinite && made.#mantissa !== 0n ? made : undefined
  }

  static sum(one: LongDouble, other: LongDouble): LongDouble {
    if (!one.isFinite || !other.isFinite) return infinity
    if (one.#mantissa === 0n) return other
    if (other.#mantissa === 0n) return one
    const exponent = Math.min(one.#exponent, other.#exponent)
    const first = one.#mantissa << BigInt(one.#exponent - exponent)
    return rounded(first + (other.#mantissa << BigInt(other.#exponent - exponent)), exponent)
  }

  /** For `parse` and `sum`. */
  static made(mantissa: bigint, exponent: number, isFinite = true): LongDouble {
    return new LongDouble(mantissa, exponent, isFinite)
  }

  /** As `%.17Lf` writes it, without the zeros at the end. */
  toString(): string {
    const isNegative = this.#mantissa < 0n
    const size = isNegative ? -this.#mantissa : this.#mantissa
    const scaled =
      this.#exponent >= 0
        ? (size << BigInt(this.#exponent)) * SCALE
        : halfEven(size * SCALE, -this.#exponent)
    const fraction = String(scaled % SCALE)
      .padStart(17, '0')
      .replace(/0+$/, '')
    const text = `${scaled / SCALE}${fraction === '' ? '' : `.${fraction}`}`
    return isNegative && scaled !== 0n ? `-${text}` : text
  }
}

const infinity = LongDouble.made(0n, 0, false)

function parseRest(text: string): LongDouble | undefined {
  const value = parseDouble(text)
  if (value === undefined) return undefined
  if (!Number.isFinite(value)) return infinity
  let exponent = 0
  let mantissa = value
  for (; !Number.isInteger(mantissa); mantissa *= 2) exponent--
  return rounded(BigInt(mantissa), exponent)
}

/** The nearest number there is, of two the even one. */
function rounded(value: bigint, exponent: number): LongDouble {
  const size = value < 0n ? -value : value
  const surplus = bitsOf(size) - MANTISSA_BITS
  if (surplus <= 0) return bounded(value, exponent)
  const mantissa = halfEven(size, surplus)
  return bounded(value < 0n ? -mantissa : mantissa, exponent + surplus)
}

function bounded(mantissa: bigint, exponent: number): LongDouble {
  const top = bitsOf(mantissa < 0n ? -mantissa : mantissa) + exponent
  if (top > EXPONENT_MAX) return infinity
  return top < EXPONENT_MIN ? LongDouble.made(0n, 0) : LongDouble.made(mantissa, exponent)
}

/** More bits than are kept, and one that says whether there was more, so that it rounds once. */
function quotient(value: bigint, divisor: bigint): LongDouble {
  const size = value < 0n ? -value : value
  const shift = Math.max(0, bitsOf(divisor) - bitsOf(size) + MANTISSA_BITS + 2)
  const shifted = size << BigInt(shift)
  const whole = (shifted / divisor) * 2n + (shifted % divisor === 0n ? 0n : 1n)
  return rounded(value < 0n ? -whole : whole, -shift - 1)
}

function halfEven(size: bigint, bits: number): bigint {
  const whole = size >> BigInt(bits)
  const rest = size - (whole << BigInt(bits))
  const half = 1n << BigInt(bits - 1)
  if (rest < half || (rest === half && (whole & 1n) === 0n)) return whole
  return whole + 1n
}

const bitsOf = (size: bigint): number => (size === 0n ? 0 : size.toString(2).length)
