import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  all,
  bitLibrary,
  coroutineLibrary,
  jsonLibrary,
  LuaAborted,
  LuaError,
  LuaState,
  type LuaValue,
  mathLibrary,
  messagePackLibrary,
  openBase,
  stringLibrary,
  structLibrary,
  tableLibrary,
} from './index.ts'

const limits = { timeMs: 1000, slotsMax: 20_000 }

function open(elapsed = () => 0): LuaState {
  const state = new LuaState(limits, elapsed)
  openBase(state)
  const { globals } = state
  globals.set('string', stringLibrary())
  globals.set('table', tableLibrary())
  globals.set('math', mathLibrary().library)
  globals.set('bit', bitLibrary())
  globals.set('coroutine', coroutineLibrary(state))
  globals.set('cjson', jsonLibrary())
  globals.set('cmsgpack', messagePackLibrary())
  globals.set('struct', structLibrary())
  return state
}

function run(source: string, state = open()): readonly LuaValue[] {
  const script = state.compile(source, 'script')
  let results: readonly LuaValue[] = []
  state.run((...given) => {
    results = all(script(...given))
    return results
  }, 'script')
  return results
}

const words = [
  ...['and', 'break', 'do', 'else', 'elseif', 'end', 'false', 'for', 'function', 'if', 'in'],
  ...['local', 'nil', 'not', 'or', 'repeat', 'return', 'then', 'true', 'until', 'while'],
  ...['+', '-', '*', '/', '%', '^', '#', '==', '~=', '<=', '>=', '<', '>', '=', '(', ')', '{', '}'],
  ...['[', ']', ';', ':', ',', '.', '..', '...', 'a', 'b', 'T', 'L', 'G', 'constructor', 'x.y'],
  ...['await', 'class', 'eval', 'arguments', 'this', 'new', 'let', 'self', 'NONE', 'fn', 'one'],
  ...['0', '1', '1e3', '0x1f', "'s'", '"`${a}`"', "'\\n\\0\\''", '[[long]]', '--c\n', '\n'],
]

/** Programs that are mostly right. */
const { block } = fc.letrec<{ block: string; statement: string; expression: string }>(tie => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'e' },
    fc.constantFrom('1', '2.5', "'s'", 'a', 'b', 'nil', 'true', '{}', '...', '#a', '-b', 'a.b'),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom(...['+', '-', '..', '==', '<', 'and', 'or', '*', '%', '^']),
        tie('expression'),
      )
      .map(parts => parts.join(' ')),
    tie('expression').map(one => `(${one})`),
    tie('expression').map(one => `not ${one}`),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([k, v]) => `{${k}, [${k}] = ${v}, x = ${v}}`),
    fc.tuple(tie('block')).map(([body]) => `function(a, ...) ${body} end`),
    tie('expression').map(one => `f(${one})`),
    tie('expression').map(one => `a:b(${one})`),
    tie('expression').map(one => `a[${one}]`),
  ),
  statement: fc.oneof(
    { maxDepth: 3, depthIdentifier: 's' },
    tie('expression').map(one => `local a, b = ${one}`),
    tie('expression').map(one => `a, b.c = ${one}, ${one}`),
    tie('expression').map(one => `f(${one})`),
    fc
      .tuple(tie('expression'), tie('block'), tie('block'))
      .map(([c, x, y]) => `if ${c} then ${x} else ${y} end`),
    tie('block').map(body => `for i = 1, 3 do ${body} end`),
    tie('block').map(body => `for k, v in pairs(a) do ${body} end`),
    fc.tuple(tie('block'), tie('expression')).map(([b, c]) => `repeat ${b} until ${c}`),
    fc.tuple(tie('block'), tie('expression')).map(([b, c]) => `while ${c} do ${b} break end`),
    tie('block').map(body => `local function g(a, ...) ${body} end`),
    tie('block').map(body => `function a.b:c(...) ${body} end`),
    tie('block').map(body => `pcall(function(...) ${body} end, 1, 2)`),
  ),
  block: fc
    .tuple(fc.array(tie('statement'), { maxLength: 3 }), fc.option(tie('expression')))
    .map(
      ([statements, last]) => `${statements.join(' ; ')} ${last === null ? '' : `return ${last}`}`,
    ),
}))

describe('whatever is written', () => {
  test('is a script or an error with a line', () => {
    const text = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map(list => list.join(' '))
    fc.assert(
      fc.property(text, fc.constantFrom('', '-- coroutine\n'), (source, before) => {
        try {
          open().compile(before + source, 'script')
        } catch (error) {
          expect(error).toBeInstanceOf(LuaError)
          expect((error as LuaError).message).toMatch(/^script:\d+: /)
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('runs, or fails with an error of its own', () => {
    let clock = 0
    fc.assert(
      fc.property(block, fc.constantFrom('', '-- coroutine\n'), (source, before) => {
        const state = open(() => ++clock * 100)
        const setup = 'local function f(...) return ... end local a, b = {b = {c = {}}}, 2 '
        try {
          run(`${before}${setup}${source}`, state)
        } catch (error) {
          const isExpected = error instanceof LuaError || error instanceof LuaAborted
          expect(isExpected ? null : error).toBeNull()
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('bounds', () => {
  test.each([
    ['a loop', 'while true do end', 'the script ran longer than 1000 ms'],
    ['one that catches errors', 'while true do pcall(error) end', 'ran longer'],
    ['a repetition', 'repeat until false', 'ran longer'],
    ['a function that ends by itself', 'local function f() return f() end f()', 'stack overflow'],
    ['tables', 'local t = {} for i = 1, 1e9 do t[i] = {} end', 'tables of more than 20000'],
    ['a string', "local s = ('x'):rep(1e9)", 'resulting string too large'],
    ['a growing string', "local s = 'x' while true do s = s .. s end", 'string length overflow'],
    ['a pattern', "return ('a'):rep(1e5):find(('a*'):rep(30) .. 'b')", 'pattern too complex'],
  ])('of %s', (_, source, message) => {
    let clock = 0
    const state = open(() => ++clock * 50)
    expect(() => run(source, state)).toThrow(message)
  })

  test('a script that went too deep leaves the next one all the stack', () => {
    const state = open()
    const deep = 'local function f(n) return n == 0 and 0 or 1 + f(n - 1) end return '
    for (let time = 0; time < 3; time++) {
      expect(run(`${deep} pcall(f, 1e6)`, state)).toEqual([false, 'script:1: stack overflow'])
      expect(run(`${deep} f(300)`, state)).toEqual([300])
    }
  })

  test('nesting', () => {
    const open200 = '('.repeat(250)
    expect(() => run(`return ${open200}1${')'.repeat(250)}`)).toThrow('too many syntax levels')
    const locals = Array.from({ length: 201 }, (_, at) => `local a${at}`).join(' ')
    expect(() => run(locals)).toThrow('too many local variables')
  })
})

test('values come back from JSON and MessagePack as they were', () => {
  const state = open()
  const leaf = fc.oneof(
    fc.string().map(text => Buffer.from(text).toString('latin1')),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
  )
  const literal = (value: unknown): string => {
    if (Array.isArray(value)) return `{${value.map(literal).join(',')}}`
    if (typeof value !== 'string') return String(value)
    const codes = [...Buffer.from(value, 'latin1')].map(
      code => `\\${String(code).padStart(3, '0')}`,
    )
    return `"${codes.join('')}"`
  }
  const same = `
    local function same(a, b)
      if type(a) ~= type(b) then return false end
      if type(a) == 'number' then return a == b or math.abs(a - b) <= math.abs(a) * 1e-13 end
      if type(a) ~= 'table' then return a == b end
      if #a ~= #b then return false end
      for i = 1, #a do if not same(a[i], b[i]) then return false end end
      return true
    end`
  fc.assert(
    fc.property(
      fc.array(fc.oneof(leaf, fc.array(leaf, { minLength: 1 })), { minLength: 1 }),
      list => {
        const source = `${same} local v = ${literal(list)}
        return same(v, cjson.decode(cjson.encode(v))), same(v, cmsgpack.unpack(cmsgpack.pack(v)))`
        expect(run(source, state)).toEqual([true, true])
      },
    ),
  )
})
