import { numberText, parseNumber } from './number-text.ts'
import { invoke, lift } from './coroutine.ts'
import { meter } from './meter.ts'
import { LuaTable } from './table.ts'
import {
  fail,
  first,
  isTrue,
  NONE,
  type LuaFunction,
  type LuaResult,
  LuaUserdata,
  type LuaValue,
  all,
} from './value.ts'

/** No string of a script is longer. */
export const STRING_CHARS_MAX = 2 ** 27

export function typeOf(value: LuaValue): string {
  if (value === undefined) return 'nil'
  if (value instanceof LuaTable) return 'table'
  if (!(value instanceof LuaUserdata)) return typeof value
  return value.label === 'thread' ? 'thread' : 'userdata'
}

/** What strings have as their methods: set when the library is made. */
export const stringMethods = new LuaTable()

const shown = (value: LuaValue, called: string): string =>
  called === '' ? `a ${typeOf(value)} value` : `${called} (a ${typeOf(value)} value)`

export function metamethod(value: LuaValue, event: string): LuaValue {
  return value instanceof LuaTable && value.metatable !== null
    ? value.metatable.get(event)
    : undefined
}

export function index(table: LuaValue, key: LuaValue, called = ''): LuaValue {
  if (table instanceof LuaTable) {
    const value = table.get(key)
    if (value !== undefined || table.metatable === null) return value
    const handler = table.metatable.get('__index')
    if (handler === undefined) return undefined
    return typeof handler === 'function' ? first(handler(table, key)) : index(handler, key)
  }
  if (typeof table === 'string') return stringMethods.get(key)
  throw fail(`attempt to index ${shown(table, called)}`)
}

export function setIndex(table: LuaValue, key: LuaValue, value: LuaValue, called = ''): void {
  if (!(table instanceof LuaTable)) {
    throw fail(`attempt to index ${shown(table, called)}`)
  }
  if (table.metatable !== null && table.get(key) === undefined) {
    const handler = table.metatable.get('__newindex')
    if (typeof handler === 'function') {
      handler(table, key, value)
      return
    }
    if (handler !== undefined) {
      setIndex(handler, key, value)
      return
    }
  }
  table.set(key, value)
}

/** What is to be called. */
export function fn(value: LuaValue, called = ''): LuaFunction {
  if (typeof value === 'function') return value
  const handler = metamethod(value, '__call')
  if (typeof handler === 'function') return (...given) => handler(value, ...given)
  throw fail(`attempt to call ${shown(value, called)}`)
}

function arithmetic(
  [one, other]: readonly [LuaValue, LuaValue],
  event: string,
  compute: (one: number, other: number) => number,
  names: readonly [string, string],
): LuaValue {
  const left = typeof one === 'string' ? parseNumber(one) : one
  const right = typeof other === 'string' ? parseNumber(other) : other
  if (typeof left === 'number' && typeof right === 'number') return compute(left, right)
  const handler = metamethod(one, event) ?? metamethod(other, event)
  if (handler !== undefined) return first(fn(handler)(one, other))
  const isLeftWrong = typeof left !== 'number'
  const wrong = isLeftWrong ? one : other
  const called = isLeftWrong ? names[0] : names[1]
  throw fail(`attempt to perform arithmetic on ${shown(wrong, called)}`)
}

const modulo = (one: number, other: number): number => one - Math.floor(one / other) * other

export function add(one: LuaValue, other: LuaValue, a = '', b = ''): LuaValue {
  if (typeof one === 'number' && typeof other === 'number') return one + other
  return arithmetic([one, other], '__add', (x, y) => x + y, [a, b])
}

export function sub(one: LuaValue, other: LuaValue, a = '', b = ''): LuaValue {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return arithmetic([one, other], '__sub', (x, y) => x - y, [a, b])
}

export function mul(one: LuaValue, other: LuaValue, a = '', b = ''): LuaValue {
  if (typeof one === 'number' && typeof other === 'number') return one * other
  return arithmetic([one, other], '__mul', (x, y) => x * y, [a, b])
}

export function div(one: LuaValue, other: LuaValue, a = '', b = ''): LuaValue {
  if (typeof one === 'number' && typeof other === 'number') return one / other
  return arithmetic([one, other], '__div', (x, y) => x / y, [a, b])
}

export function mod(one: LuaValue, other: LuaValue, a = '', b = ''): LuaValue {
  if (typeof one === 'number' && typeof other === 'number') return modulo(one, other)
  return arithmetic([one, other], '__mod', modulo, [a, b])
}

export function pow(one: LuaValue, other: LuaValue, a = '', b = ''): LuaValue {
  return arithmetic([one, other], '__pow', (x, y) => x ** y, [a, b])
}

export function neg(value: LuaValue, called = ''): LuaValue {
  if (typeof value === 'number') return -value
  return arithmetic([value, value], '__unm', x => -x, [called, called])
}

export function len(value: LuaValue, called = ''): LuaValue {
  if (typeof value === 'string') return value.length
  if (value instanceof LuaTable) return value.length
  throw fail(`attempt to get length of ${shown(value, called)}`)
}

export function concat(one: LuaValue, other: LuaValue, a = '', b = ''): LuaValue {
  const left = typeof one === 'number' ? numberText(one) : one
  const right = typeof other === 'number' ? numberText(other) : other
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length + right.length > STRING_CHARS_MAX) throw fail('string length overflow')
    return left + right
  }
  const handler = metamethod(one, '__concat') ?? metamethod(other, '__concat')
  if (handler !== undefined) return first(fn(handler)(one, other))
  const isLeftWrong = typeof left !== 'string'
  const called = shown(isLeftWrong ? one : other, isLeftWrong ? a : b)
  throw fail(`attempt to concatenate ${called}`)
}

export function eq(one: LuaValue, other: LuaValue): boolean {
  if (one === other) return true
  if (!(one instanceof LuaTable) || !(other instanceof LuaTable)) return false
  const handler = metamethod(one, '__eq')
  if (handler === undefined || handler !== metamethod(other, '__eq')) return false
  return isTrue(first(fn(handler)(one, other)))
}

export function lt(one: LuaValue, other: LuaValue): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one < other
  if (typeof one === 'string' && typeof other === 'string') return one < other
  const handler = metamethod(one, '__lt')
  if (handler !== undefined && handler === metamethod(other, '__lt'))
    return isTrue(first(fn(handler)(one, other)))
  throw incomparable(one, other)
}

export function le(one: LuaValue, other: LuaValue): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one <= other
  if (typeof one === 'string' && typeof other === 'string') return one <= other
  const handler = metamethod(one, '__le')
  if (handler !== undefined && handler === metamethod(other, '__le'))
    return isTrue(first(fn(handler)(one, other)))
  const less = metamethod(one, '__lt')
  if (less !== undefined && less === metamethod(other, '__lt'))
    return !isTrue(first(fn(less)(other, one)))
  throw incomparable(one, other)
}

export const gt = (one: LuaValue, other: LuaValue): boolean => lt(other, one)
export const ge = (one: LuaValue, other: LuaValue): boolean => le(other, one)

function incomparable(one: LuaValue, other: LuaValue): Error {
  const [left, right] = [typeOf(one), typeOf(other)]
  if (left === right) return fail(`attempt to compare two ${left} values`)
  return fail(`attempt to compare ${left} with ${right}`)
}

export const truth = (value: LuaValue): boolean => value !== undefined && value !== false
export const one = (result: LuaResult): LuaValue => first(result)

/** A bound of a numeric `for`. */
export function bound(value: LuaValue, which: string): number {
  const number = typeof value === 'string' ? parseNumber(value) : value
  if (typeof number !== 'number') throw fail(`'for' ${which} must be a number`)
  return number
}

export function table(items: LuaValue[], fields?: readonly LuaValue[]): LuaTable {
  const made = new LuaTable(items)
  if (fields === undefined) return made
  for (let at = 0; at < fields.length; at += 2) {
    // Items win over fields of the same key, as they do in Lua.
    const key = fields[at]
    const isItem = typeof key === 'number' && made.array[key - 1] !== undefined
    if (!isItem) made.set(key, fields[at + 1])
  }
  return made
}

export { all, invoke, lift, meter, NONE }

export function text(value: LuaValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  const handler = metamethod(value, '__tostring')
  if (handler !== undefined) {
    const made = first(fn(handler)(value))
    if (typeof made !== 'string') throw fail("'tostring' must return a string to 'print'")
    return made
  }
  if (value === undefined) return 'nil'
  if (typeof value === 'boolean') return String(value)
  return `${typeOf(value)}: ${addressOf(value)}`
}

const addresses = new WeakMap<object, string>()
let lastAddress = 0x1000

function addressOf(value: object): string {
  let address = addresses.get(value)
  if (address === undefined) {
    address = `0x${(lastAddress += 16).toString(16).padStart(12, '0')}`
    addresses.set(value, address)
  }
  return address
}
