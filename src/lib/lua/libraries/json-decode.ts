import type { JsonSettings } from './json-encode.ts'
import { spend } from '../meter.ts'
import { parseNumber } from '../number-text.ts'
import { LuaTable } from '../table.ts'
import { fail, type LuaError, type LuaValue } from '../value.ts'

const NUMBER = /[-+]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)/iy
const PLAIN = /[^"\\\0]*/y
const SPACE = /[ \t\n\r]*/y
const HEX = /^[\da-fA-F]{4}$/

const single: Readonly<Record<string, string>> = {
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ',': 'T_COMMA',
  ':': 'T_COLON',
}
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Reads one JSON text as lua-cjson does, with its errors. */
export class JsonDecoder {
  readonly #text: string
  readonly #settings: JsonSettings
  readonly #nothing: LuaValue
  #at = 0
  #kind = 'T_END'
  #value: LuaValue
  /** Where the current word begins. */
  #start = 0

  constructor(text: string, settings: JsonSettings, nothing: LuaValue) {
    this.#text = text
    this.#settings = settings
    this.#nothing = nothing
  }

  decode(): LuaValue {
    const text = this.#text
    if (text.length >= 2 && (text[0] === '\0' || text[1] === '\0')) {
      throw fail('JSON parser does not support UTF-16 or UTF-32')
    }
    this.#next()
    const value = this.#read(0)
    this.#next()
    if (!this.#is('T_END')) throw this.#expected('the end')
    return value
  }

  #read(depth: number): LuaValue {
    switch (this.#kind) {
      case 'T_STRING':
      case 'T_NUMBER':
      case 'T_BOOLEAN':
        return this.#value
      case 'T_NULL':
        return this.#nothing
      case 'T_OBJ_BEGIN':
        return this.#object(depth + 1)
      case 'T_ARR_BEGIN':
        return this.#array(depth + 1)
      default:
        throw this.#expected('value')
    }
  }

  #object(depth: number): LuaTable {
    this.#descend(depth)
    const table = new LuaTable()
    this.#next()
    if (this.#is('T_OBJ_END')) return table
    for (;;) {
      if (!this.#is('T_STRING')) throw this.#expected('object key string')
      const key = this.#value
      this.#next()
      if (!this.#is('T_COLON')) throw this.#expected('colon')
      this.#next()
      table.set(key, this.#read(depth))
      this.#next()
      if (this.#is('T_OBJ_END')) return table
      if (!this.#is('T_COMMA')) throw this.#expected('comma or object end')
      this.#next()
    }
  }

  #array(depth: number): LuaTable {
    this.#descend(depth)
    const items: LuaValue[] = []
    this.#next()
    if (this.#is('T_ARR_END')) return new LuaTable(items)
    for (;;) {
      items.push(this.#read(depth))
      this.#next()
      if (this.#is('T_ARR_END')) return new LuaTable(items)
      if (!this.#is('T_COMMA')) throw this.#expected('comma or array end')
      this.#next()
    }
  }

  #descend(depth: number): void {
    if (depth <= this.#settings.decodeDepthMax) return
    throw fail(`Found too many nested data structures (${depth}) at character ${this.#at}`)
  }

  #expected(what: string): LuaError {
    return fail(`Expected ${what} but found ${this.#kind} at character ${this.#start + 1}`)
  }

  #is(kind: string): boolean {
    return this.#kind === kind
  }

  #next(): void {
    spend(2)
    SPACE.lastIndex = this.#at
    SPACE.exec(this.#text)
    this.#at = this.#start = SPACE.lastIndex
    const character = this.#text[this.#at]
    this.#value = undefined
    if (character === undefined || character === '\0') {
      this.#kind = 'T_END'
      return
    }
    const kind = single[character]
    if (kind !== undefined) {
      this.#at++
      this.#kind = kind
    } else if (character === '"') this.#string()
    else if (this.#word('true', true) || this.#word('false', false)) this.#kind = 'T_BOOLEAN'
    else if (this.#word('null', undefined)) this.#kind = 'T_NULL'
    else this.#number()
  }

  #word(word: string, value: LuaValue): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    this.#value = value
    return true
  }

  #number(): void {
    NUMBER.lastIndex = this.#at
    const found = NUMBER.exec(this.#text)
    const isSigned = this.#text[this.#at] === '-'
    const value = found === null ? undefined : parseNumber(found[0])
    if (value === undefined) {
      this.#kind = isSigned ? 'invalid number' : 'invalid token'
      return
    }
    this.#at += found![0].length
    this.#kind = 'T_NUMBER'
    this.#value = value
  }

  #string(): void {
    const text = this.#text
    let value = ''
    this.#at++
    for (;;) {
      PLAIN.lastIndex = this.#at
      const [plain] = PLAIN.exec(text)!
      this.#at += plain.length
      value += plain
      const character = text[this.#at]
      if (character === '"') break
      if (character !== '\\') {
        this.#start = this.#at
        this.#kind = 'unexpected end of string'
        return
      }
      const escaped = text[this.#at + 1] ?? ''
      const place = this.#at
      const made = escaped === 'u' ? this.#unicode() : escapes[escaped]
      if (made === undefined) {
        this.#start = place
        this.#kind = `invalid ${escaped === 'u' ? 'unicode ' : ''}escape code`
        return
      }
      value += made
      if (escaped !== 'u') this.#at += 2
    }
    this.#at++
    this.#kind = 'T_STRING'
    this.#value = value
  }

  /** As UTF-8; undefined when it is none. Goes on behind it. */
  #unicode(): string | undefined {
    const high = this.#hex(this.#at)
    if (high === undefined || (high & 0xfc00) === 0xdc00) return undefined
    let code = high
    this.#at += 6
    if ((high & 0xfc00) === 0xd800) {
      const low = this.#hex(this.#at)
      if (low === undefined || (low & 0xfc00) !== 0xdc00) return undefined
      this.#at += 6
      code = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff)
    }
    return Buffer.from(String.fromCodePoint(code)).toString('latin1')
  }

  #hex(at: number): number | undefined {
    const digits = this.#text.slice(at + 2, at + 6)
    return this.#text.startsWith('\\u', at) && HEX.test(digits)
      ? Number.parseInt(digits, 16)
      : undefined
  }
}
