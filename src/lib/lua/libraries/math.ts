import { Given } from './arguments.ts'
import { LuaTable } from '../table.ts'
import type { LuaFunction } from '../value.ts'

type Compute = (given: Given) => number

const plain: Readonly<Record<string, (x: number) => number>> = {
  abs: Math.abs,
  acos: Math.acos,
  asin: Math.asin,
  atan: Math.atan,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  deg: x => x / (Math.PI / 180),
  exp: Math.exp,
  floor: Math.floor,
  log: Math.log,
  log10: Math.log10,
  rad: x => x * (Math.PI / 180),
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
}

const others: Readonly<Record<string, Compute>> = {
  atan2: given => Math.atan2(given.number(1), given.number(2)),
  fmod: given => given.number(1) % given.number(2),
  mod: given => given.number(1) % given.number(2),
  ldexp: given => given.number(1) * 2 ** given.integer(2),
  pow: given => given.number(1) ** given.number(2),
  max: given => Math.max(...numbersOf(given)),
  min: given => Math.min(...numbersOf(given)),
}

function numbersOf(given: Given): number[] {
  const found = [given.number(1)]
  for (let at = 2; at <= given.count; at++) found.push(given.number(at))
  return found
}

/** Mantissa and exponent of two. */
const frexp: LuaFunction = (...values) => {
  const value = new Given('frexp', values).number(1)
  if (value === 0 || !Number.isFinite(value)) return [value, 0]
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1)
  let mantissa = value * 2 ** -exponent
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2
    exponent--
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2
    exponent++
  }
  return [mantissa, exponent]
}

const modf: LuaFunction = (...values) => {
  const value = new Given('modf', values).number(1)
  const whole = Math.trunc(value)
  return [whole, Number.isFinite(value) ? value - whole : 0]
}

/** The same numbers after the same seed: a linear congruence as good as scripts need. */
class Sequence {
  #state = 0

  seed(value: number): void {
    this.#state = Math.trunc(value) >>> 0
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    const high = this.#state >>> 5
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return (high * 2 ** 26 + (this.#state >>> 6)) / 2 ** 53
  }
}

function random(sequence: Sequence): LuaFunction {
  return (...values) => {
    const given = new Given('random', values)
    const share = sequence.next()
    if (given.count === 0) return share
    if (given.count > 2) throw new Given('random', values).error(3, 'wrong number of arguments')
    const low = given.count === 1 ? 1 : given.integer(1)
    const high = given.integer(given.count)
    if (low > high) throw given.error(given.count, 'interval is empty')
    return Math.floor(share * (high - low + 1)) + low
  }
}

/** `reseed` makes random numbers begin anew: every script sees the same ones. */
export function mathLibrary(): { readonly library: LuaTable; readonly reseed: () => void } {
  const sequence = new Sequence()
  const functions: Record<string, LuaFunction> = {
    frexp,
    modf,
    random: random(sequence),
    randomseed: (...values) => {
      sequence.seed(new Given('randomseed', values).number(1))
      return []
    },
  }
  for (const [name, compute] of Object.entries(plain)) {
    functions[name] = (...values) => compute(new Given(name, values).number(1))
  }
  for (const [name, compute] of Object.entries(others)) {
    functions[name] = (...values) => compute(new Given(name, values))
  }
  const library = LuaTable.of({ pi: Math.PI, huge: Infinity, ...functions })
  return { library, reseed: () => sequence.seed(0) }
}
