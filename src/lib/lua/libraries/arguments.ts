import { numberText, parseNumber } from '../number-text.ts'
import { spend } from '../meter.ts'
import { typeOf } from '../operators.ts'
import { LuaTable } from '../table.ts'
import { fail, type LuaError, type LuaFunction, type LuaValue } from '../value.ts'

/** Whoever takes a text may look at all of it. */
const CHARS_A_UNIT = 64

export const badArgument = (at: number, name: string, what: string): LuaError =>
  fail(`bad argument #${at} to '${name}' (${what})`)

/** Reads the arguments of a library's function, from 1 on; errors name the function. */
export class Given {
  readonly #name: string
  readonly values: readonly LuaValue[]

  constructor(name: string, values: readonly LuaValue[]) {
    this.#name = name
    this.values = values
  }

  get count(): number {
    return this.values.length
  }

  any(at: number): LuaValue {
    if (at > this.values.length) throw this.error(at, 'value expected')
    return this.values[at - 1]
  }

  number(at: number, otherwise?: number): number {
    const value = this.values[at - 1]
    if (typeof value === 'number') return value
    if (value === undefined && otherwise !== undefined) return otherwise
    const number = typeof value === 'string' ? parseNumber(value) : undefined
    if (number === undefined) throw this.mistyped(at, 'number')
    return number
  }

  integer(at: number, otherwise?: number): number {
    const value = this.number(at, otherwise)
    return Number.isFinite(value) ? Math.trunc(value) : value > 0 ? 2 ** 53 : -(2 ** 53)
  }

  string(at: number, otherwise?: string): string {
    const value = this.values[at - 1]
    if (typeof value === 'string') {
      spend(value.length / CHARS_A_UNIT)
      return value
    }
    if (typeof value === 'number') return numberText(value)
    if (value === undefined && otherwise !== undefined) return otherwise
    throw this.mistyped(at, 'string')
  }

  table(at: number): LuaTable {
    const value = this.values[at - 1]
    if (value instanceof LuaTable) return value
    throw this.mistyped(at, 'table')
  }

  function(at: number): LuaFunction {
    const value = this.values[at - 1]
    if (typeof value === 'function') return value
    throw this.mistyped(at, 'function')
  }

  error(at: number, what: string): LuaError {
    return badArgument(at, this.#name, what)
  }

  mistyped(at: number, expected: string): LuaError {
    const got = at > this.values.length ? 'no value' : typeOf(this.values[at - 1])
    return this.error(at, `${expected} expected, got ${got}`)
  }
}
