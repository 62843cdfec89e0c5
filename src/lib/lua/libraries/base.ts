import { Given } from './arguments.ts'
import { spend } from '../meter.ts'
import { parseNumber } from '../number-text.ts'
import { fn, metamethod, text, typeOf } from '../operators.ts'
import type { LuaState } from '../state.ts'
import { isNative, LuaTable } from '../table.ts'
import { all, fail, isTrue, LuaError, type LuaFunction, type LuaResult } from '../value.ts'

/** What `unpack` may give: Lua's C stack holds no more. */
const UNPACKED_MAX = 8000

const next: LuaFunction = (table, key) => {
  const owner = new Given('next', [table]).table(1)
  const found = owner.nextKey(key)
  return found === undefined ? undefined : [found, owner.get(found)]
}

const step: LuaFunction = (table, at) => {
  const place = (at as number) + 1
  const value = (table as LuaTable).get(place)
  return value === undefined ? undefined : [place, value]
}

const select: LuaFunction = (which, ...values) => {
  if (which === '#') return values.length
  const at = new Given('select', [which]).integer(1)
  if (at < 0 && values.length + at >= 0) return values.slice(values.length + at)
  if (at < 1) throw new Given('select', []).error(1, 'index out of range')
  return values.slice(at - 1)
}

const unpack: LuaFunction = (...values) => {
  const given = new Given('unpack', values)
  const table = given.table(1)
  const from = given.integer(2, 1)
  const to = given.integer(3, table.length)
  if (from > to) return []
  if (to - from >= UNPACKED_MAX) throw fail('too many results to unpack')
  spend(to - from)
  const found = []
  for (let at = from; at <= to; at++) found.push(table.get(at))
  return found
}

const toNumber: LuaFunction = (...values) => {
  const given = new Given('tonumber', values)
  const base = given.integer(2, 10)
  const value = given.any(1)
  if (base === 10) {
    if (typeof value === 'number') return value
    return typeof value === 'string' ? parseNumber(value) : undefined
  }
  if (base < 2 || base > 36) throw given.error(2, 'base out of range')
  const digits = given
    .string(1)
    .trim()
    .toLowerCase()
    .replace(base === 16 ? /^(-?)0x/ : /^$/, '$1')
  const isNegative = digits.startsWith('-')
  let number = 0
  const plain = isNegative ? digits.slice(1) : digits
  if (plain === '') return undefined
  for (const digit of plain) {
    const worth = /[a-z0-9]/.test(digit) ? Number.parseInt(digit, 36) : 36
    if (worth >= base) return undefined
    number = number * base + worth
  }
  return isNegative ? -number : number
}

const setMetatable: LuaFunction = (...values) => {
  const given = new Given('setmetatable', values)
  const table = given.table(1)
  const metatable = values[1]
  if (metatable !== undefined && !(metatable instanceof LuaTable)) {
    throw given.error(2, 'nil or table expected')
  }
  if (table.isReadonly) throw readonlyTable()
  if (table.metatable?.get('__metatable') !== undefined) {
    throw fail('cannot change a protected metatable')
  }
  table.metatable = metatable ?? null
  return table
}

const readonlyTable = (): LuaError => new LuaError('Attempt to modify a readonly table', true)

/** Functions that scripts have without any library; the globals get them. */
export function openBase(state: LuaState): void {
  const functions: Record<string, LuaFunction> = {
    next,
    select,
    unpack,
    tonumber: toNumber,
    setmetatable: setMetatable,
    pairs: (...values) => [next, new Given('pairs', values).table(1), undefined],
    ipairs: (...values) => [step, new Given('ipairs', values).table(1), 0],
    type: (...values) => typeOf(new Given('type', values).any(1)),
    tostring: (...values) => text(new Given('tostring', values).any(1)),
    rawequal: (one, other) => one === other,
    rawget: (table, key) => new Given('rawget', [table]).table(1).get(key),
    rawset: (table, key, value) => {
      const target = new Given('rawset', [table]).table(1)
      if (target.isReadonly) throw readonlyTable()
      target.set(key, value)
      return table
    },
    getmetatable: (...values) => {
      const value = new Given('getmetatable', values).any(1)
      return (
        metamethod(value, '__metatable') ??
        (value instanceof LuaTable ? (value.metatable ?? undefined) : undefined)
      )
    },
    assert: (...values) => {
      const given = new Given('assert', values)
      if (isTrue(given.any(1))) return values
      throw fail(given.string(2, 'assertion failed!'))
    },
    error: (value, level = 1) => {
      throw new LuaError(value, level === 0)
    },
    collectgarbage: option => (option === 'count' ? 0 : 0),
    gcinfo: () => 0,
    ...protecting(state),
    ...loading(state),
  }
  const library = LuaTable.of(functions)
  for (const name of Object.keys(functions)) state.globals.set(name, library.get(name))
  state.globals.set('_G', state.globals)
  state.globals.set('_VERSION', 'Lua 5.1')
}

function protecting(state: LuaState): Record<string, LuaFunction> {
  const guarded = (call: () => LuaResult, handle: (error: unknown) => LuaResult): LuaResult => {
    const { stack } = state
    try {
      return [true, ...all(call())]
    } catch (error) {
      state.stack = stack
      return handle(error)
    }
  }
  return {
    pcall: (...values) => {
      const called = new Given('pcall', values).any(1)
      return guarded(
        () => fn(called)(...values.slice(1)),
        error => [false, state.caught(error, isNative(called))],
      )
    },
    xpcall: (called, handler) =>
      guarded(
        () => fn(called)(),
        error => [false, ...all(fn(handler)(state.caught(error)))],
      ),
  }
}

function loading(state: LuaState): Record<string, LuaFunction> {
  const compiled = (source: string, name: string): LuaResult => {
    try {
      return state.compile(source, name)
    } catch (error) {
      if (!(error instanceof LuaError)) throw error
      return [undefined, error.value]
    }
  }
  const nameFor = (source: string, name: string | undefined): string => {
    if (name !== undefined) return name.replace(/^[=@]/, '')
    const line = source.split('\n')[0]!
    return `[string "${line}${line.length < source.length ? '...' : ''}"]`
  }
  return {
    loadstring: (...values) => {
      const given = new Given('loadstring', values)
      const source = given.string(1)
      if (source.startsWith('\x1b')) return [undefined, 'bytecode is not loaded']
      return compiled(source, nameFor(source, values.length > 1 ? given.string(2) : undefined))
    },
    load: (...values) => {
      const given = new Given('load', values)
      const read = given.function(1)
      let source = ''
      for (;;) {
        const [piece] = all(read())
        if (piece === undefined || piece === '') break
        if (typeof piece !== 'string') throw fail('reader function must return a string')
        source += piece
      }
      return compiled(source, given.string(2, '=(load)').replace(/^[=@]/, ''))
    },
  }
}
