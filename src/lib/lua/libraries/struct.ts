import { Given } from './arguments.ts'
import { STRING_CHARS_MAX } from '../operators.ts'
import { LuaTable } from '../table.ts'
import { fail, type LuaFunction, type LuaValue } from '../value.ts'

const INTEGER_BYTES_MAX = 32
const ALIGNMENT_MAX = 8
const VALUES_MAX = 8000
const DIGITS = /\d*/y
const sizes: Readonly<Record<string, number>> = {
  ...{ b: 1, B: 1, h: 2, H: 2, l: 8, L: 8, T: 8, f: 4, d: 8, x: 1 },
}

/** Reads a format, option by option: what `struct` is told by letters. */
class Format {
  readonly #given: Given
  readonly #text: string
  #at = 0
  #alignment = 1
  isBig = false
  option = ''
  /** Of the value, in bytes; of `c` what its number says. */
  size = 0

  constructor(given: Given) {
    this.#given = given
    this.#text = given.string(1)
  }

  /** Goes on to the next option that stands for bytes; false behind the last one. */
  next(): boolean {
    while (this.#at < this.#text.length) {
      this.option = this.#text[this.#at++]!
      if ('bBhHlLTfdxsciI'.includes(this.option)) {
        this.size = this.#sizeOf(this.option)
        return true
      }
      this.#control(this.option)
    }
    return false
  }

  /** Bytes that are left out in front of the value. */
  padding(position: number): number {
    if (this.size === 0 || this.option === 'c') return 0
    const size = Math.min(this.size, this.#alignment)
    return (size - (position & (size - 1))) & (size - 1)
  }

  get isInteger(): boolean {
    return 'bBhHlLTiI'.includes(this.option)
  }

  #sizeOf(option: string): number {
    if (option === 'c') return this.#number(1)
    if (option !== 'i' && option !== 'I') return sizes[option] ?? 0
    const size = this.#number(4)
    if (size <= INTEGER_BYTES_MAX) return size
    throw fail(`integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`)
  }

  #number(otherwise: number): number {
    DIGITS.lastIndex = this.#at
    const [digits] = DIGITS.exec(this.#text)!
    this.#at += digits.length
    if (digits.length > 10) throw fail('integral size overflow')
    return digits === '' ? otherwise : Number(digits)
  }

  #control(option: string): void {
    if (option === ' ') return
    if (option === '>' || option === '<') this.isBig = option === '>'
    else if (option === '!') {
      const alignment = this.#number(ALIGNMENT_MAX)
      if (alignment <= 0 || (alignment & (alignment - 1)) !== 0) {
        throw fail(`alignment ${alignment} is not a power of 2`)
      }
      this.#alignment = alignment
    } else throw this.#given.error(1, `invalid format option '${option}'`)
  }
}

/** Lowest byte first, of the two's complement. */
function integerBytes(value: number, size: number): string {
  let rest = BigInt.asUintN(64, BigInt(Math.trunc(Number.isFinite(value) ? value : 0)))
  let text = ''
  for (let at = 0; at < size; at++) {
    text += String.fromCharCode(Number(rest & 0xffn))
    rest >>= 8n
  }
  return text
}

function integerOf(text: string, isSigned: boolean): number {
  let value = 0n
  for (let at = Math.min(text.length, 8) - 1; at >= 0; at--) {
    value = (value << 8n) | BigInt(text.charCodeAt(at))
  }
  const bits = Math.min(64, text.length * 8)
  return Number(isSigned ? BigInt.asIntN(bits, value) : value)
}

function floatBytes(value: number, size: number): string {
  const bytes = Buffer.alloc(size)
  if (size === 4) bytes.writeFloatLE(value)
  else bytes.writeDoubleLE(value)
  return bytes.toString('latin1')
}

function floatOf(text: string): number {
  const bytes = Buffer.from(text, 'latin1')
  return text.length === 4 ? bytes.readFloatLE() : bytes.readDoubleLE()
}

const ordered = (text: string, isBig: boolean): string =>
  isBig ? Buffer.from(text, 'latin1').reverse().toString('latin1') : text

const pack: LuaFunction = (...values) => {
  const given = new Given('pack', values)
  const format = new Format(given)
  let made = ''
  let at = 2
  while (format.next()) {
    made += '\0'.repeat(format.padding(made.length))
    const { option, size, isBig } = format
    if (option === 'x') made += '\0'
    else if (format.isInteger) made += ordered(integerBytes(given.number(at++), size), isBig)
    else if (option === 'f' || option === 'd') {
      made += ordered(floatBytes(given.number(at++), size), isBig)
    } else {
      const text = given.string(at++)
      if (text.length < size) throw given.error(at, 'string too short')
      made += option === 's' ? `${text}\0` : text.slice(0, size === 0 ? text.length : size)
    }
    if (made.length > STRING_CHARS_MAX) throw fail('resulting string too large')
  }
  return made
}

const unpack: LuaFunction = (...values) => {
  const given = new Given('unpack', values)
  const format = new Format(given)
  const data = given.string(2)
  let position = given.integer(3, 1) - 1
  if (position < 0) throw given.error(3, 'offset must be 1 or greater')
  const found: LuaValue[] = []
  const bytes = (size: number): string => {
    if (position + size > data.length) throw given.error(2, 'data string too short')
    const text = data.slice(position, position + size)
    position += size
    return text
  }
  while (format.next()) {
    position += format.padding(position)
    const { option, size, isBig } = format
    if (found.length > VALUES_MAX) throw fail('too many results')
    if (option === 'x') bytes(1)
    else if (format.isInteger) {
      const isSigned = option === option.toLowerCase()
      found.push(integerOf(ordered(bytes(size), isBig), isSigned))
    } else if (option === 'f' || option === 'd') found.push(floatOf(ordered(bytes(size), isBig)))
    else if (option === 'c') {
      if (size === 0 && typeof found.at(-1) !== 'number') {
        throw fail("format 'c0' needs a previous size")
      }
      found.push(bytes(size === 0 ? Math.max(0, Math.trunc(found.pop() as number)) : size))
    } else {
      const end = data.indexOf('\0', position)
      if (end < 0) throw fail('unfinished string in data')
      found.push(data.slice(position, end))
      position = end + 1
    }
  }
  return [...found, position + 1]
}

const sizeOf: LuaFunction = (...values) => {
  const given = new Given('size', values)
  const format = new Format(given)
  let position = 0
  while (format.next()) {
    const { option, size } = format
    position += format.padding(position)
    if (option === 's') throw given.error(1, "option 's' has no fixed size")
    if (option === 'c' && size === 0) throw given.error(1, "option 'c0' has no fixed size")
    position += size
  }
  return position
}

export const structLibrary = (): LuaTable => LuaTable.of({ pack, unpack, size: sizeOf })
