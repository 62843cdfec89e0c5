import { spend } from '../meter.ts'
import { fail } from '../value.ts'

/** Lua's LUA_MAXCAPTURES and MAXCCALLS. */
const CAPTURES_MAX = 32
const DEPTH_MAX = 200
/** Characters compared in one search: patterns with many stars may take for ever. */
const STEPS_MAX = 20_000_000
const STEPS_A_UNIT = 4

const UNFINISHED = -1
const POSITION = -2

const PERCENT = 0x25
const OPEN = 0x28
const CLOSE = 0x29
const STAR = 0x2a
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const QUESTION = 0x3f
const BRACKET = 0x5b
const BRACKET_END = 0x5d
const CARET = 0x5e
const DOLLAR = 0x24

/** Whether a character is of a class, `%a` to `%z`; an upper-case letter means all others. */
function isOfClass(code: number, letter: number): boolean {
  let isIn: boolean
  switch (letter | 0x20) {
    case 0x61: // a
      isIn = isLetter(code)
      break
    case 0x63: // c
      isIn = code < 32 || code === 127
      break
    case 0x64: // d
      isIn = isDigit(code)
      break
    case 0x6c: // l
      isIn = code >= 97 && code <= 122
      break
    case 0x70: // p
      isIn = code > 32 && code < 127 && !isLetter(code) && !isDigit(code)
      break
    case 0x73: // s
      isIn = code === 32 || (code >= 9 && code <= 13)
      break
    case 0x75: // u
      isIn = code >= 65 && code <= 90
      break
    case 0x77: // w
      isIn = isLetter(code) || isDigit(code)
      break
    case 0x78: // x
      isIn = isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
      break
    case 0x7a: // z
      isIn = code === 0
      break
    default:
      return letter === code
  }
  return (letter & 0x20) === 0 ? !isIn : isIn
}

const isLetter = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Finds one of Lua's patterns in a text; after a match the captures are there. */
export class Matcher {
  readonly #text: string
  readonly #pattern: string
  #captureCount = 0
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  #depth = 0
  #steps = 0

  constructor(text: string, pattern: string) {
    this.#text = text
    this.#pattern = pattern
  }

  /** Where a match that begins at `at` ends; -1: there is none. */
  matchAt(at: number, patternAt: number): number {
    this.#captureCount = 0
    this.#depth = 0
    const before = this.#steps
    const end = this.#match(at, patternAt)
    spend(1 + (this.#steps - before) / STEPS_A_UNIT)
    return end
  }

  /** Captures, or the whole match when the pattern has none. */
  captures(start: number, end: number): (string | number)[] {
    if (this.#captureCount === 0) return [this.#text.slice(start, end)]
    return Array.from({ length: this.#captureCount }, (_, at) => this.capture(at, start, end))
  }

  whole(start: number, end: number): string {
    return this.#text.slice(start, end)
  }

  get captureCount(): number {
    return this.#captureCount
  }

  capture(at: number, start: number, end: number): string | number {
    if (at >= this.#captureCount) {
      if (at === 0) return this.#text.slice(start, end)
      throw fail('invalid capture index')
    }
    const length = this.#lengths[at]!
    if (length === POSITION) return this.#starts[at]! + 1
    if (length === UNFINISHED) throw fail('unfinished capture')
    return this.#text.slice(this.#starts[at], this.#starts[at]! + length)
  }

  #match(start: number, patternStart: number): number {
    if (++this.#depth > DEPTH_MAX) throw fail('pattern too complex')
    let at = start
    let place = patternStart
    const pattern = this.#pattern
    let result = -1
    for (;;) {
      if (++this.#steps > STEPS_MAX) throw fail('pattern too complex')
      if (place === pattern.length) {
        result = at
        break
      }
      const code = pattern.charCodeAt(place)
      if (code === OPEN || code === CLOSE) {
        result = code === OPEN ? this.#open(at, place) : this.#close(at, place + 1)
        break
      }
      if (code === DOLLAR && place + 1 === pattern.length) {
        result = at === this.#text.length ? at : -1
        break
      }
      if (code === PERCENT) {
        const next = pattern.charCodeAt(place + 1)
        const isReference = isDigit(next)
        if (isReference || next === 0x62 || next === 0x66) {
          at = isReference ? this.#reference(at, next) : this.#special(at, place, next)
          if (at < 0) break
          place += isReference ? 2 : next === 0x62 ? 4 : this.#classEnd(place + 2) - place
          continue
        }
      }
      const end = this.#classEnd(place)
      const suffix = end < pattern.length ? pattern.charCodeAt(end) : 0
      if (suffix === STAR || suffix === PLUS) {
        const from = suffix === STAR ? at : this.#isSingle(at, place, end) ? at + 1 : -1
        result = from < 0 ? -1 : this.#most(from, place, end)
        break
      }
      if (suffix === MINUS) {
        result = this.#least(at, place, end)
        break
      }
      const isMatch = this.#isSingle(at, place, end)
      if (suffix === QUESTION) {
        if (isMatch) {
          result = this.#match(at + 1, end + 1)
          if (result >= 0) break
        }
        place = end + 1
        continue
      }
      if (!isMatch) break
      at++
      place = end
    }
    this.#depth--
    return result
  }

  #special(at: number, place: number, kind: number): number {
    if (kind === 0x62) return this.#balanced(at, place + 2)
    if (this.#pattern.charCodeAt(place + 2) !== BRACKET) {
      throw fail("missing '[' after '%f' in pattern")
    }
    const end = this.#classEnd(place + 2)
    const before = at === 0 ? 0 : this.#text.charCodeAt(at - 1)
    const here = at < this.#text.length ? this.#text.charCodeAt(at) : 0
    const isFrontier =
      !this.#isInSet(before, place + 2, end - 1) && this.#isInSet(here, place + 2, end - 1)
    return isFrontier ? at : -1
  }

  #balanced(at: number, place: number): number {
    if (place + 1 >= this.#pattern.length) throw fail('unbalanced pattern')
    const open = this.#pattern.charCodeAt(place)
    const close = this.#pattern.charCodeAt(place + 1)
    if (this.#text.charCodeAt(at) !== open) return -1
    let depth = 1
    for (let next = at + 1; next < this.#text.length; next++) {
      const code = this.#text.charCodeAt(next)
      if (code === close) {
        if (--depth === 0) return next + 1
      } else if (code === open) depth++
    }
    return -1
  }

  #reference(at: number, digit: number): number {
    const which = digit - 0x31
    if (which < 0 || which >= this.#captureCount || this.#lengths[which] === UNFINISHED) {
      throw fail('invalid capture index')
    }
    const start = this.#starts[which]!
    const text = this.#text.slice(start, start + Math.max(0, this.#lengths[which]!))
    return this.#text.startsWith(text, at) ? at + text.length : -1
  }

  #open(at: number, place: number): number {
    if (this.#captureCount >= CAPTURES_MAX) throw fail('too many captures')
    const isPosition = this.#pattern.charCodeAt(place + 1) === CLOSE
    const which = this.#captureCount++
    this.#starts[which] = at
    this.#lengths[which] = isPosition ? POSITION : UNFINISHED
    const result = this.#match(at, place + (isPosition ? 2 : 1))
    if (result < 0) this.#captureCount--
    return result
  }

  #close(at: number, place: number): number {
    let which = this.#captureCount - 1
    while (which >= 0 && this.#lengths[which] !== UNFINISHED) which--
    if (which < 0) throw fail('invalid pattern capture')
    this.#lengths[which] = at - this.#starts[which]!
    const result = this.#match(at, place)
    if (result < 0) this.#lengths[which] = UNFINISHED
    return result
  }

  #most(start: number, place: number, end: number): number {
    let at = start
    while (this.#isSingle(at, place, end)) at++
    for (; at >= start; at--) {
      const result = this.#match(at, end + 1)
      if (result >= 0) return result
    }
    return -1
  }

  #least(start: number, place: number, end: number): number {
    for (let at = start; ; at++) {
      const result = this.#match(at, end + 1)
      if (result >= 0) return result
      if (!this.#isSingle(at, place, end)) return -1
    }
  }

  #classEnd(place: number): number {
    const pattern = this.#pattern
    const code = pattern.charCodeAt(place)
    if (code === PERCENT) {
      if (place + 1 >= pattern.length) throw fail("malformed pattern (ends with '%')")
      return place + 2
    }
    if (code !== BRACKET) return place + 1
    let at = place + 1
    if (pattern.charCodeAt(at) === CARET) at++
    do {
      if (at >= pattern.length) throw fail("malformed pattern (missing ']')")
      if (pattern.charCodeAt(at++) === PERCENT && at < pattern.length) at++
    } while (at >= pattern.length || pattern.charCodeAt(at) !== BRACKET_END)
    return at + 1
  }

  #isSingle(at: number, place: number, end: number): boolean {
    if (at >= this.#text.length) return false
    this.#steps++
    const code = this.#text.charCodeAt(at)
    const kind = this.#pattern.charCodeAt(place)
    if (kind === DOT) return true
    if (kind === PERCENT) return isOfClass(code, this.#pattern.charCodeAt(place + 1))
    return kind === BRACKET ? this.#isInSet(code, place, end - 1) : kind === code
  }

  /** A set from its `[` to its `]`. */
  #isInSet(code: number, place: number, end: number): boolean {
    const pattern = this.#pattern
    let at = place + 1
    const isNegated = pattern.charCodeAt(at) === CARET
    if (isNegated) at++
    for (; at < end; at++) {
      const kind = pattern.charCodeAt(at)
      if (kind === PERCENT) {
        at++
        if (isOfClass(code, pattern.charCodeAt(at))) return !isNegated
      } else if (pattern.charCodeAt(at + 1) === MINUS && at + 2 < end) {
        if (kind <= code && code <= pattern.charCodeAt(at + 2)) return !isNegated
        at += 2
      } else if (kind === code) return !isNegated
    }
    return isNegated
  }
}
