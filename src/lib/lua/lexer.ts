import { parseNumber } from './number-text.ts'
import { fail, type LuaError } from './value.ts'

const keywords: ReadonlySet<string> = new Set([
  ...['and', 'break', 'do', 'else', 'elseif', 'end', 'false', 'for', 'function', 'if', 'in'],
  ...['local', 'nil', 'not', 'or', 'repeat', 'return', 'then', 'true', 'until', 'while'],
])
const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}
const NAME = /[A-Za-z_]\w*/y
const NUMBER = /0[xX][\da-fA-F]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d*)?/y
const NUMBER_TAIL = /[\w.]*/y
const SPACE = /[ \t\f\v\r]*/y
const LONG_OPEN = /\[(=*)\[(?:\r\n|\n\r|\n|\r)?/y
const OPERATOR = /\.\.\.|\.\.|==|~=|<=|>=|[-+*/%^#<>=(){}[\];:,.]/y

/** `name`, `number`, `string`, `eof`; or the keyword or operator itself. */
export type TokenKind = string

/** Cuts a script into words. The current one is in the fields; `next` goes on. */
export class Lexer {
  readonly #source: string
  readonly #chunk: string
  #at = 0
  #lineAhead = 1

  kind: TokenKind = 'eof'
  /** Of a name, a string or a number. */
  text = ''
  number = 0
  /** Where the current word ends. */
  line = 1
  /** The line of the word before. */
  lastLine = 1
  #ahead: { kind: TokenKind; text: string; number: number; line: number } | null = null

  constructor(source: string, chunk: string) {
    this.#source = source
    this.#chunk = chunk
    if (source.startsWith('#')) this.#skipLine()
    this.next()
  }

  next(): void {
    this.lastLine = this.line
    if (this.#ahead === null) {
      this.#read()
      return
    }
    this.kind = this.#ahead.kind
    this.text = this.#ahead.text
    this.number = this.#ahead.number
    this.line = this.#ahead.line
    this.#ahead = null
  }

  /** The kind of the word after the current one. */
  peek(): TokenKind {
    if (this.#ahead === null) {
      const { kind, text, number, line } = this
      this.#read()
      this.#ahead = { kind: this.kind, text: this.text, number: this.number, line: this.line }
      this.kind = kind
      this.text = text
      this.number = number
      this.line = line
    }
    return this.#ahead.kind
  }

  error(message: string, near = this.#shown()): LuaError {
    const place = `${this.#chunk}:${this.line}: ${message}`
    return fail(near === '' ? place : `${place} near '${near}'`)
  }

  #shown(): string {
    if (this.kind === 'eof') return '<eof>'
    return ['name', 'string', 'number'].includes(this.kind) ? this.text : this.kind
  }

  #read(): void {
    this.#skipSpace()
    this.line = this.#lineAhead
    const source = this.#source
    if (this.#at >= source.length) {
      this.kind = 'eof'
      return
    }
    const character = source[this.#at]!
    const name = this.#match(NAME)
    if (name !== null) {
      this.kind = keywords.has(name) ? name : 'name'
      this.text = name
    } else if (/[0-9]/.test(character) || /^\.[0-9]/.test(source.slice(this.#at, this.#at + 2))) {
      this.#readNumber()
    } else if (character === '"' || character === "'") this.#readString(character)
    else if (character === '[' && this.#peekLong()) this.#readLong()
    else {
      const operator = this.#match(OPERATOR)
      if (operator === null) throw this.error('unexpected symbol', character)
      this.kind = operator
    }
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)
    if (found === null) return null
    this.#at = pattern.lastIndex
    return found[0]
  }

  #skipSpace(): void {
    for (;;) {
      this.#match(SPACE)
      if (this.#source[this.#at] === '\n') {
        this.#at++
        this.#lineAhead++
      } else if (this.#source.startsWith('--', this.#at)) {
        this.#at += 2
        if (this.#peekLong()) this.#longText('comment')
        else this.#skipLine()
      } else return
    }
  }

  #skipLine(): void {
    const end = this.#source.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#source.length : end
  }

  #readNumber(): void {
    const start = this.#at
    this.#match(NUMBER)
    this.#match(NUMBER_TAIL)
    this.text = this.#source.slice(start, this.#at)
    this.kind = 'number'
    const value = parseNumber(this.text)
    if (value === undefined) throw this.error('malformed number', this.text)
    this.number = value
  }

  #readString(quote: string): void {
    const source = this.#source
    const start = this.#at++
    let text = ''
    for (;;) {
      const character = source[this.#at]
      if (character === undefined) throw this.error('unfinished string', '<eof>')
      this.#at++
      if (character === quote) break
      if (character === '\n')
        throw this.error('unfinished string', source.slice(start, this.#at - 1))
      text += character === '\\' ? this.#escape() : character
    }
    this.kind = 'string'
    this.text = text
    this.line = this.#lineAhead
  }

  #escape(): string {
    const source = this.#source
    const digits = /^\d{1,3}/.exec(source.slice(this.#at, this.#at + 3))?.[0]
    if (digits !== undefined) {
      this.#at += digits.length
      if (Number(digits) > 255) throw this.error('escape sequence too large', `\\${digits}`)
      return String.fromCharCode(Number(digits))
    }
    const character = source[this.#at++] ?? ''
    if (character === '\n') this.#lineAhead++
    if (character === '\r' && source[this.#at] === '\n') {
      this.#at++
      this.#lineAhead++
      return '\n'
    }
    return escapes[character] ?? character
  }

  #peekLong(): boolean {
    LONG_OPEN.lastIndex = this.#at
    return LONG_OPEN.test(this.#source)
  }

  #readLong(): void {
    this.text = this.#longText('string')
    this.kind = 'string'
    this.line = this.#lineAhead
  }

  #longText(what: string): string {
    const opening = this.#match(LONG_OPEN)!
    const level = /=*/.exec(opening.slice(1))![0].length
    const closing = `]${'='.repeat(level)}]`
    const end = this.#source.indexOf(closing, this.#at)
    if (end < 0) throw this.error(`unfinished long ${what}`, '<eof>')
    const text = this.#source.slice(this.#at, end)
    this.#at = end + closing.length
    this.#lineAhead += (opening.match(/\n/g)?.length ?? 0) + (text.match(/\n/g)?.length ?? 0)
    return text.replace(/\r\n?|\n\r/g, '\n')
  }
}
