const STAR = 0x2a
const QUESTION = 0x3f
const OPEN = 0x5b
const CLOSE = 0x5d
const CARET = 0x5e
const DASH = 0x2d
const BACKSLASH = 0x5c

const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code)

/**
 * Whether a text is one that a pattern of Redis' kind describes: `*`, `?`, `[a-z]`, `[^a]`, and
 * `\` before what is meant literally. Both are binary strings. An empty text is described by the
 * empty pattern only, as there.
 */
export function matchesGlob(pattern: string, text: string, ignoreCase = false): boolean {
  if (text.length === 0) return pattern.length === 0
  let at = 0
  let place = 0
  // Where the last star was, and what it has taken: it takes more when the rest does not fit.
  let star = -1
  let starPlace = 0
  while (place < text.length) {
    if (at < pattern.length && pattern.charCodeAt(at) === STAR) {
      star = at++
      starPlace = place
      continue
    }
    const next = at < pattern.length ? step(pattern, at, text.charCodeAt(place), ignoreCase) : -1
    if (next >= 0) {
      at = next
      place++
    } else if (star < 0) return false
    else {
      at = star + 1
      place = ++starPlace
    }
  }
  while (at < pattern.length && pattern.charCodeAt(at) === STAR) at++
  return at === pattern.length
}

/** Whether a pattern describes one text only: itself. */
export function isLiteral(pattern: string): boolean {
  return !/[*?[\\]/.test(pattern)
}

/** Where the pattern goes on behind what describes the character; -1 when it does not fit. */
function step(pattern: string, at: number, code: number, ignoreCase: boolean): number {
  let expected = pattern.charCodeAt(at)
  if (expected === QUESTION) return at + 1
  if (expected === OPEN) return classStep(pattern, at + 1, code, ignoreCase)
  if (expected === BACKSLASH && at + 1 < pattern.length) expected = pattern.charCodeAt(++at)
  const isSame = ignoreCase ? lower(expected) === lower(code) : expected === code
  return isSame ? at + 1 : -1
}

/** A class that is not closed ends with the pattern. */
function classStep(pattern: string, at: number, code: number, ignoreCase: boolean): number {
  const isNegated = pattern.charCodeAt(at) === CARET
  if (isNegated) at++
  const sought = ignoreCase ? lower(code) : code
  let isIn = false
  for (; at < pattern.length; at++) {
    let first = pattern.charCodeAt(at)
    if (first === CLOSE) break
    if (first === BACKSLASH && at + 1 < pattern.length) {
      // Redis looks at the case of an escaped character, whatever was asked for.
      if (pattern.charCodeAt(++at) === code) isIn = true
      continue
    }
    let last = first
    if (at + 2 < pattern.length && pattern.charCodeAt(at + 1) === DASH) {
      last = pattern.charCodeAt(at + 2)
      at += 2
    }
    if (first > last) [first, last] = [last, first]
    if (ignoreCase) [first, last] = [lower(first), lower(last)]
    if (sought >= first && sought <= last) isIn = true
  }
  if (isIn === isNegated) return -1
  return Math.min(at + 1, pattern.length)
}
