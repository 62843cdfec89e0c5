import { setFlagsFromString } from 'node:v8'

// Names come from clients, and a pattern that backtracks without end would stop everybody. After
// 50,000 steps back (what RabbitMQ allows, too) V8 goes on with an engine that never does.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

const PATTERN_BYTES_MAX = 1024
const COMPILED_MAX = 10_000

const compiled = new Map<string, RegExp>()
const NOTHING = /(?!)/

/** What is wrong with a pattern, or undefined when it can be used. */
export function patternFlaw(text: string): string | undefined {
  if (Buffer.byteLength(text) > PATTERN_BYTES_MAX) {
    return `a pattern must not exceed ${PATTERN_BYTES_MAX} bytes`
  }
  const made = compile(text)
  return typeof made === 'string' ? made : undefined
}

/** A checked pattern, searched anywhere in a name. One that cannot be compiled matches nothing. */
export function patternOf(text: string): RegExp {
  const known = compiled.get(text)
  if (known !== undefined) return known
  const made = compile(text)
  const pattern = typeof made === 'string' ? NOTHING : made
  // One that names of clients were filled into may be much longer than what was set.
  if (text.length > 2 * PATTERN_BYTES_MAX) return pattern
  if (compiled.size >= COMPILED_MAX) compiled.clear()
  compiled.set(text, pattern)
  return pattern
}

/** Makes a text stand for itself within a pattern. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&')

function compile(text: string): RegExp | string {
  const flags = /^\(\?([ims]+)\)/.exec(text)
  try {
    return new RegExp(translated(text.slice(flags?.[0].length ?? 0)), flags?.[1] ?? '')
  } catch (thrown) {
    return (thrown as Error).message
  }
}

/** Escapes that mean the same in Perl's patterns and in ours, and those that can be written so. */
const SAME = /[dDwWsSbBnrtfxc0-9]/
const WRITTEN: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: '(?=\\n?$)',
  a: '\\x07',
  e: '\\x1b',
  h: '[ \\t]',
  v: '[\\n\\v\\f\\r]',
  N: '[^\\n]',
  R: '(?:\\r\\n|[\\n\\v\\f\\r])',
}
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  word: '\\w',
  space: '\\s',
  blank: ' \\t',
  xdigit: 'A-Fa-f0-9',
  punct: '!-\\/:-@\\[-`{-~',
}

/** A Perl pattern as RabbitMQ takes them, in ours. Throws for what cannot be said in it. */
function translated(text: string): string {
  let out = ''
  let isInClass = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    const rest = text.slice(at)
    const quoted = /^\\Q(.*?)(?:\\E|$)/s.exec(rest)
    const group = /^\(\?(#[^)]*\)|P<)/.exec(rest)
    const named = /^\[:(\w+):\]/.exec(rest)
    const opening = /^\[\^?\]?/.exec(rest)?.[0]
    if (quoted !== null) {
      out += escapePattern(quoted[1]!)
      at += quoted[0].length - 1
    } else if (char === '\\') {
      const [written, length] = escape(rest, isInClass)
      out += written
      at += length - 1
    } else if (isInClass && named !== null) {
      const members = CLASSES[named[1]!]
      if (members === undefined) throw new Error(`unknown class ${named[0]}`)
      out += members
      at += named[0].length - 1
    } else if (isInClass) {
      out += char === '[' ? '\\[' : char
      isInClass = char !== ']'
    } else if (opening !== undefined) {
      // A bracket that comes first in a class is one of its members.
      out += opening.replace(']', '\\]')
      at += opening.length - 1
      isInClass = true
    } else if (group !== null) {
      out += group[1] === 'P<' ? '(?<' : ''
      at += group[0].length - 1
    } else out += char
  }
  return out
}

/** What an escape becomes, and how many characters of the pattern it takes. */
function escape(rest: string, isInClass: boolean): [written: string, length: number] {
  const char = rest[1]
  if (char === undefined) throw new Error('\\ at end of pattern')
  const code = /^\\x\{([0-9a-fA-F]+)\}/.exec(rest)
  if (code !== null) {
    return [escapePattern(String.fromCodePoint(Number.parseInt(code[1]!, 16))), code[0].length]
  }
  if (SAME.test(char) || !/[a-zA-Z]/.test(char)) return [`\\${char}`, 2]
  const written = WRITTEN[char]
  if (written === undefined) throw new Error(`\\${char} is not supported`)
  if (!isInClass) return [written, 2]
  if (!/^(\[[^^].*\]|\\x..)$/.test(written)) throw new Error(`\\${char} is not allowed in a class`)
  return [written.replace(/^\[(.*)\]$/, '$1'), 2]
}
