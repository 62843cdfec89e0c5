import type { Given } from './arguments.ts'
import { formatExponent, formatFixed, formatGeneral } from '../number-text.ts'
import { fail } from '../value.ts'

const ITEM = /%([-+ #0]*)(\d*)(?:\.(\d*))?([\s\S]?)/g
/** Lua takes no more digits for width and precision. */
const DIGITS_MAX = 2
const FLAGS_MAX = 5

type Item = {
  readonly flags: string
  readonly width: number
  /** -1: none was given. */
  readonly precision: number
  readonly kind: string
}

/** C's `sprintf`, as far as Lua has it. The first argument is the format. */
export function format(given: Given): string {
  let at = 1
  return given.string(1).replace(ITEM, (whole, flags: string, width, precision, kind: string) => {
    if (kind === '%' && whole === '%%') return '%'
    const digits: string = precision ?? ''
    if (flags.length > FLAGS_MAX) throw fail('invalid format (repeated flags)')
    if (width.length > DIGITS_MAX || digits.length > DIGITS_MAX) {
      throw fail('invalid format (width or precision too long)')
    }
    at++
    return item(given, at, {
      flags,
      width: Number(width),
      precision: precision === undefined ? -1 : Number(digits),
      kind,
    })
  })
}

function item(given: Given, at: number, wanted: Item): string {
  const { kind, precision } = wanted
  switch (kind) {
    case 'c':
      return padded(String.fromCharCode(given.integer(at) & 0xff), wanted, false)
    case 'd':
    case 'i':
      return integer(BigInt(given.integer(at)), 10, wanted)
    case 'u':
      return integer(BigInt.asUintN(64, BigInt(given.integer(at))), 10, wanted)
    case 'o':
      return integer(BigInt.asUintN(64, BigInt(given.integer(at))), 8, wanted)
    case 'x':
      return integer(BigInt.asUintN(64, BigInt(given.integer(at))), 16, wanted)
    case 'X':
      return integer(BigInt.asUintN(64, BigInt(given.integer(at))), 16, wanted).toUpperCase()
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': {
      const shown = float(given.number(at), wanted)
      return kind === 'E' || kind === 'G' ? shown.toUpperCase() : shown
    }
    case 'q':
      return quoted(given.string(at))
    case 's': {
      const text = given.string(at)
      return padded(precision < 0 ? text : text.slice(0, precision), wanted, false)
    }
    default:
      throw fail(`invalid option '%${kind}' to 'format'`)
  }
}

function integer(value: bigint, base: number, wanted: Item): string {
  const isNegative = value < 0n
  const digits = (isNegative ? -value : value).toString(base).padStart(wanted.precision, '0')
  const prefix = base === 16 && wanted.flags.includes('#') && value !== 0n ? '0x' : ''
  const octal = base === 8 && wanted.flags.includes('#') && !digits.startsWith('0') ? '0' : ''
  const isZeroPadded = wanted.precision < 0
  return padded(`${signOf(isNegative, wanted)}${prefix}${octal}${digits}`, wanted, isZeroPadded)
}

function float(value: number, wanted: Item): string {
  const precision = wanted.precision < 0 ? 6 : wanted.precision
  const isNegative = value < 0 || Object.is(value, -0)
  const size = Math.abs(value)
  const isKept = wanted.flags.includes('#')
  let digits: string
  if (Number.isNaN(value)) digits = '-nan'
  else if (wanted.kind === 'f') digits = formatFixed(size, precision)
  else if (wanted.kind === 'e' || wanted.kind === 'E') digits = formatExponent(size, precision)
  else digits = formatGeneral(size, precision, isKept)
  return padded(`${signOf(isNegative, wanted)}${digits}`, wanted, Number.isFinite(value))
}

function signOf(isNegative: boolean, { flags }: Item): string {
  if (isNegative) return '-'
  if (flags.includes('+')) return '+'
  return flags.includes(' ') ? ' ' : ''
}

function padded(text: string, { flags, width }: Item, mayHaveZeros: boolean): string {
  if (flags.includes('-')) return text.padEnd(width)
  if (!flags.includes('0') || !mayHaveZeros) return text.padStart(width)
  const sign = /^(?:[-+ ])?(?:0x)?/.exec(text)![0]
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\\n',
  '\r': '\\r',
  '\0': '\\000',
}

const quoted = (text: string): string =>
  `"${text.replace(/["\\\n\r\0]/g, character => escapes[character]!)}"`
