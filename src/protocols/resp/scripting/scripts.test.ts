import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RespClient, RespLoopback } from '../../../../test/resp/loopback.ts'
import { limits } from '../../../limits/limits.ts'

let world: RespLoopback
let client: RespClient

beforeEach(async () => {
  world = await RespLoopback.open()
  client = world.client()
})

afterEach(() => world.broker.close())

const evaluate = (script: string, ...rest: string[]): unknown =>
  client.ask('EVAL', script, String(rest.length), ...rest)

test('scripts: what was written before an error stays', () => {
  const script = "redis.call('SET', KEYS[1], 'v') redis.call('LPUSH', KEYS[1], 'x')"
  expect(evaluate(script, 'k')).toMatch(/^-WRONGTYPE .* on @user_script:1\.$/)
  expect(client.ask('GET', 'k')).toBe('v')
})

test('scripts: a list, a stream and keys in memory change together', () => {
  const script = `
    redis.call('RPUSH', 'list', 'a', 'b')
    redis.call('XADD', 'stream', '1-1', 'f', 'v')
    redis.call('ZADD', 'set', 1, 'm')
    return {redis.call('LPOP', 'list'), redis.call('XLEN', 'stream'), redis.call('ZCARD', 'set')}`
  expect(evaluate(script)).toEqual(['a', 1, 1])
  expect(client.ask('LRANGE', 'list', '0', '-1')).toEqual(['b'])
})

test('scripts: a script may look at another database; the client stays in its own', () => {
  client.ask('SET', 'k', 'zero')
  const script = `
    redis.call('SELECT', 3)
    redis.call('SET', 'k', 'three')
    return redis.call('GET', 'k')`
  expect(evaluate(script)).toBe('three')
  expect(client.ask('GET', 'k')).toBe('zero')
  client.ask('SELECT', '3')
  expect(client.ask('GET', 'k')).toBe('three')
})

test.each([
  ['EVAL_RO', "return redis.call('SET', 'k', 'v')"],
  ['EVAL', "#!lua flags=no-writes\nreturn redis.call('SET', 'k', 'v')"],
])('scripts: %s of one that only reads refuses a write', (command, script) => {
  const refusal = 'Write commands are not allowed from read-only scripts.'
  expect(client.ask(command, script, '0')).toContain(refusal)
  expect(client.ask('EXISTS', 'k')).toBe(0)
})

test('scripts: one that does not end is ended, and nothing of it catches that', () => {
  expect(client.ask('CONFIG', 'SET', 'lua-time-limit', '20')).toBe('+OK')
  expect(client.ask('CONFIG', 'GET', 'busy-reply-threshold')).toEqual([
    'busy-reply-threshold',
    '20',
  ])
  const endless =
    "redis.call('INCR', 'n') while true do pcall(function() while true do end end) end"
  expect(evaluate(endless)).toBe('-ERR Error running script: the script ran longer than 20 ms')
  const calling = "while true do redis.call('INCR', 'n') end"
  expect(evaluate(calling)).toContain('ran longer than 20 ms')
  expect(client.ask('GET', 'n')).toMatch(/^\d+$/)
  expect(evaluate('return 1')).toBe(1)
})

test('scripts: bytes pass as they are', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, code) => code))
  const script = "redis.call('SET', KEYS[1], ARGV[1]) return #redis.call('GET', KEYS[1])"
  expect(client.ask('EVAL', script, '1', 'k', bytes)).toBe(256)
  const codes = 'local sum = 0 for i = 1, #ARGV[1] do sum = sum + ARGV[1]:byte(i) end return sum'
  expect(client.ask('EVAL', codes, '0', bytes)).toBe((255 * 256) / 2)
})

test.each([
  ['contains itself', 'local t = {} t[1] = t return t'],
  ['contains itself twice', 'local t = {} t[1] = t t[2] = t return {map = t}'],
  ['is too long', 'local t = {} for i = 1, 2^20 do t[i] = 1 end return t'],
])('scripts: a result that %s is an error', (_, script) => {
  expect(evaluate(script)).toBe('-ERR reached lua stack limit')
  expect(client.ask('PING')).toBe('+PONG')
})

test.each([
  ['a library', 'string.x = 1'],
  ['a function of one', 'string.format = nil'],
  ['the globals', 'x = 1'],
  ['the globals, rawly', "rawset(_G, 'x', 1)"],
  ['the table of their table', 'getmetatable(_G).__index = nil'],
  ['redis', 'redis.call = nil'],
])('scripts: no script changes %s for the next one', (_, script) => {
  expect(evaluate(script)).toContain('Attempt to modify a readonly table')
  expect(evaluate("return string.format('%d', 7)")).toBe('7')
  expect(evaluate('return x')).toContain('nonexistent global variable')
})

test('scripts: those of EVAL are forgotten, the oldest first; those that were loaded stay', () => {
  const loaded = client.ask('SCRIPT', 'LOAD', "return 'loaded'") as string
  evaluate("return 'first'")
  const first = 'c831c38f98f52c070ded9e558dcd9a36533b5bcf'
  expect(client.ask('EVALSHA', first, '0')).toBe('first')
  for (let number = 0; number < limits.scriptsMax; number++) evaluate(`return ${number}`)
  expect(client.ask('EVALSHA', loaded, '0')).toBe('loaded')
  expect(client.ask('EVALSHA', first, '0')).toMatch(/^-NOSCRIPT /)
  expect(evaluate("return 'first'")).toBe('first')
})
