import { formatGeneral } from '../number-text.ts'
import { spend } from '../meter.ts'
import { typeOf } from '../operators.ts'
import { LuaTable } from '../table.ts'
import { fail, type LuaError, type LuaValue } from '../value.ts'

/** What scripts may set of the library, with its defaults. */
export type JsonSettings = {
  isSparseConverted: boolean
  sparseRatio: number
  sparseSafe: number
  encodeDepthMax: number
  decodeDepthMax: number
  precision: number
  /** NaN and infinity: `on`, `off`, or `null` in their place. */
  invalidNumbers: 'on' | 'off' | 'null'
}

// oxlint-disable-next-line no-control-regex -- those are what has to be escaped
const ESCAPED = /["\\/\u0000-\u001f\u007f]/
// oxlint-disable-next-line no-control-regex
const ESCAPED_ALL = /["\\/\u0000-\u001f\u007f]/g
const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** As lua-cjson writes a value; `nothing` is its null. */
export class JsonEncoder {
  readonly #settings: JsonSettings
  readonly #nothing: LuaValue

  constructor(settings: JsonSettings, nothing: LuaValue) {
    this.#settings = settings
    this.#nothing = nothing
  }

  encode(value: LuaValue, depth = 0): string {
    spend(typeof value === 'string' ? 1 + value.length / 32 : 4)
    if (typeof value === 'string') return quoted(value)
    if (typeof value === 'number') return this.#number(value)
    if (typeof value === 'boolean') return String(value)
    if (value === undefined || value === this.#nothing) return 'null'
    if (value instanceof LuaTable) return this.#table(value, depth + 1)
    throw unfit(typeOf(value), 'type not supported')
  }

  #table(table: LuaTable, depth: number): string {
    if (depth > this.#settings.encodeDepthMax) {
      throw fail(`Cannot serialise, excessive nesting (${depth})`)
    }
    const length = this.#arrayLength(table)
    if (length > 0) {
      const items: string[] = []
      for (let at = 1; at <= length; at++) items.push(this.encode(table.get(at), depth))
      return `[${items.join(',')}]`
    }
    const fields: string[] = []
    for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
      fields.push(`${this.#key(key)}:${this.encode(table.get(key), depth)}`)
    }
    return `{${fields.join(',')}}`
  }

  /** -1: it is no array. */
  #arrayLength(table: LuaTable): number {
    let most = 0
    let count = 0
    for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
      if (typeof key !== 'number' || key <= 0 || !Number.isInteger(key)) return -1
      if (key > most) most = key
      count++
    }
    const { sparseRatio, sparseSafe, isSparseConverted } = this.#settings
    if (sparseRatio === 0 || most <= count * sparseRatio || most <= sparseSafe) return most
    if (isSparseConverted) return -1
    throw unfit('table', 'excessively sparse array')
  }

  #key(key: LuaValue): string {
    if (typeof key === 'string') return quoted(key)
    if (typeof key === 'number') return `"${this.#number(key)}"`
    throw unfit(typeOf(key), 'table key must be a number or string')
  }

  #number(value: number): string {
    if (!Number.isFinite(value)) {
      const { invalidNumbers } = this.#settings
      if (invalidNumbers === 'null') return 'null'
      if (invalidNumbers === 'off') throw unfit('number', 'must not be NaN or Inf')
      return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
    }
    if (Number.isInteger(value) && value > -1e14 && value < 1e14 && value !== 0)
      return String(value)
    return formatGeneral(value, this.#settings.precision, false)
  }
}

const unfit = (type: string, reason: string): LuaError =>
  fail(`Cannot serialise ${type}: ${reason}`)

function quoted(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`
  const escaped = text.replace(ESCAPED_ALL, character => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    return short[character] ?? `\\u${code}`
  })
  return `"${escaped}"`
}
