import { Given } from './arguments.ts'
import { format } from './format.ts'
import { STRING_CHARS_MAX, stringMethods, text } from '../operators.ts'
import { spend } from '../meter.ts'
import { Matcher } from './pattern.ts'
import { LuaTable } from '../table.ts'
import { fail, first, isTrue, type LuaFunction, type LuaValue } from '../value.ts'

const MAGIC = /[\^$*+?.()[%-]/
/** What `string.byte` may give: Lua's C stack holds no more. */
const BYTES_MAX = 8000

/** A position from the front; negative ones count from the end. */
const placeOf = (at: number, length: number): number =>
  at >= 0 ? at : Math.max(0, length + at + 1)

const sub: LuaFunction = (...values) => {
  const given = new Given('sub', values)
  const subject = given.string(1)
  const from = Math.max(1, placeOf(given.integer(2), subject.length))
  return subject.slice(from - 1, Math.max(from - 1, placeOf(given.integer(3, -1), subject.length)))
}

const byte: LuaFunction = (...values) => {
  const given = new Given('byte', values)
  const subject = given.string(1)
  const from = placeOf(given.integer(2, 1), subject.length)
  const to = Math.min(subject.length, placeOf(given.integer(3, from), subject.length))
  if (to - from >= BYTES_MAX) throw fail('string slice too long')
  const found: number[] = []
  for (let at = Math.max(1, from); at <= to; at++) found.push(subject.charCodeAt(at - 1))
  return found
}

const char: LuaFunction = (...values) => {
  const given = new Given('char', values)
  let made = ''
  for (let at = 1; at <= values.length; at++) {
    const code = given.integer(at)
    if (code < 0 || code > 255) throw given.error(at, 'invalid value')
    made += String.fromCharCode(code)
  }
  return made
}

const rep: LuaFunction = (...values) => {
  const given = new Given('rep', values)
  const subject = given.string(1)
  const count = Math.max(0, given.integer(2))
  if (subject.length * count > STRING_CHARS_MAX) throw fail('resulting string too large')
  spend((subject.length * count) / 64)
  return subject.repeat(count)
}

function search(name: string, isFind: boolean): LuaFunction {
  return (...values) => {
    const given = new Given(name, values)
    const subject = given.string(1)
    const pattern = given.string(2)
    const place = placeOf(given.integer(3, 1), subject.length)
    const from = Math.min(Math.max(0, place - 1), subject.length)
    if (isFind && (isTrue(values[3]) || !MAGIC.test(pattern))) {
      const found = subject.indexOf(pattern, from)
      return found < 0 ? undefined : [found + 1, found + pattern.length]
    }
    const isAnchored = pattern.startsWith('^')
    const matcher = new Matcher(subject, pattern)
    for (let at = from; at <= subject.length; at++) {
      const end = matcher.matchAt(at, isAnchored ? 1 : 0)
      if (end >= 0) {
        if (!isFind) return matcher.captures(at, end)
        return [at + 1, end, ...(matcher.captureCount > 0 ? matcher.captures(at, end) : [])]
      }
      if (isAnchored) break
    }
    return undefined
  }
}

const gmatch: LuaFunction = (...values) => {
  const given = new Given('gmatch', values)
  const subject = given.string(1)
  const matcher = new Matcher(subject, given.string(2))
  let at = 0
  return () => {
    for (; at <= subject.length; at++) {
      const end = matcher.matchAt(at, 0)
      if (end < 0) continue
      const start = at
      at = end === start ? end + 1 : end
      return matcher.captures(start, end)
    }
    return undefined
  }
}

const gsub: LuaFunction = (...values) => {
  const given = new Given('gsub', values)
  const subject = given.string(1)
  const pattern = given.string(2)
  const by = replacer(given, values[2])
  const max = given.integer(4, subject.length + 1)
  const isAnchored = pattern.startsWith('^')
  const matcher = new Matcher(subject, pattern)
  let made = ''
  let at = 0
  let count = 0
  while (count < max) {
    const end = matcher.matchAt(at, isAnchored ? 1 : 0)
    if (end >= 0) {
      count++
      made += by(matcher, at, end)
      if (made.length > STRING_CHARS_MAX) throw fail('resulting string too large')
    }
    if (end > at) at = end
    else if (at < subject.length) made += subject[at++]!
    else break
    if (isAnchored) break
  }
  return [made + subject.slice(at), count]
}

type Replacer = (matcher: Matcher, start: number, end: number) => string

function replacer(given: Given, by: LuaValue): Replacer {
  if (typeof by === 'string' || typeof by === 'number') return templateReplacer(given.string(3))
  if (typeof by !== 'function' && !(by instanceof LuaTable)) {
    throw given.error(3, 'string/function/table expected')
  }
  return (matcher, start, end) => {
    const found =
      typeof by === 'function'
        ? first(by(...matcher.captures(start, end)))
        : by.get(matcher.capture(0, start, end))
    if (!isTrue(found)) return matcher.whole(start, end)
    if (typeof found !== 'string' && typeof found !== 'number') {
      throw fail(
        `invalid replacement value (a ${found instanceof LuaTable ? 'table' : typeof found})`,
      )
    }
    return text(found)
  }
}

function templateReplacer(template: string): Replacer {
  if (!template.includes('%')) return () => template
  return (matcher, start, end) =>
    template.replace(/%([\s\S]?)/g, (_, escaped: string) => {
      if (escaped === '0') return matcher.whole(start, end)
      if (/[1-9]/.test(escaped)) return text(matcher.capture(Number(escaped) - 1, start, end))
      return escaped
    })
}

const upperOf = (subject: string): string => subject.replace(/[a-z]+/g, part => part.toUpperCase())
const lowerOf = (subject: string): string => subject.replace(/[A-Z]+/g, part => part.toLowerCase())

const reversed = (subject: string): string =>
  Buffer.from(subject, 'latin1').reverse().toString('latin1')

/** Also fills what strings have as methods. */
export function stringLibrary(): LuaTable {
  const functions: Record<string, LuaFunction> = {
    sub,
    byte,
    char,
    rep,
    gmatch,
    gfind: gmatch,
    gsub,
    find: search('find', true),
    match: search('match', false),
    format: (...values) => format(new Given('format', values)),
    len: (...values) => new Given('len', values).string(1).length,
    lower: (...values) => lowerOf(new Given('lower', values).string(1)),
    upper: (...values) => upperOf(new Given('upper', values).string(1)),
    reverse: (...values) => reversed(new Given('reverse', values).string(1)),
    dump: () => {
      throw fail('unable to dump given function')
    },
  }
  const library = LuaTable.of(functions)
  for (const [name, made] of Object.entries(functions)) {
    if (stringMethods.get(name) === undefined) stringMethods.set(name, made)
  }
  return library
}
