import { Given } from './arguments.ts'
import { LuaTable } from '../table.ts'
import type { LuaFunction } from '../value.ts'

/** To 32 bits, whatever is above them; halves go to the even number. */
function bits(given: Given, at: number): number {
  const value = given.number(at)
  if (Number.isInteger(value)) return Number(BigInt.asIntN(32, BigInt(value)))
  const below = Math.floor(value)
  const part = value - below
  const isUp = part > 0.5 || (part === 0.5 && below % 2 !== 0)
  return (isUp ? below + 1 : below) | 0
}

const folded =
  (name: string, fold: (one: number, other: number) => number): LuaFunction =>
  (...values) => {
    const given = new Given(name, values)
    let result = bits(given, 1)
    for (let at = 2; at <= values.length; at++) result = fold(result, bits(given, at))
    return result | 0
  }

const shifted =
  (name: string, shift: (value: number, count: number) => number): LuaFunction =>
  (...values) => {
    const given = new Given(name, values)
    return shift(bits(given, 1), bits(given, 2) & 31) | 0
  }

const swapped = (value: number): number =>
  ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)

const toHex: LuaFunction = (...values) => {
  const given = new Given('tohex', values)
  const value = bits(given, 1) >>> 0
  const count = values.length > 1 ? bits(given, 2) : 8
  const digits = value
    .toString(16)
    .padStart(8, '0')
    .slice(-Math.min(8, Math.abs(count)))
  if (count === 0) return ''
  return count < 0 ? digits.toUpperCase() : digits
}

/** LuaJIT's library of operations on 32 bits. */
export const bitLibrary = (): LuaTable =>
  LuaTable.of({
    tobit: (...values) => bits(new Given('tobit', values), 1),
    bnot: (...values) => ~bits(new Given('bnot', values), 1),
    bswap: (...values) => swapped(bits(new Given('bswap', values), 1)),
    tohex: toHex,
    band: folded('band', (one, other) => one & other),
    bor: folded('bor', (one, other) => one | other),
    bxor: folded('bxor', (one, other) => one ^ other),
    lshift: shifted('lshift', (value, count) => value << count),
    rshift: shifted('rshift', (value, count) => value >>> count),
    arshift: shifted('arshift', (value, count) => value >> count),
    rol: shifted('rol', (value, count) => (value << count) | (value >>> (32 - count))),
    ror: shifted('ror', (value, count) => (value >>> count) | (value << (32 - count))),
  })
