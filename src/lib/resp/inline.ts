import type { Arguments } from './arguments.ts'

const CR = 0x0d
const QUOTE = 0x22
const APOSTROPHE = 0x27
const BACKSLASH = 0x5c

/** As C's isspace. */
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
/** Fewer end a word, in Redis. */
const isWordEnd = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/**
 * A command as a person types it, from `start` up to its line feed: words with spaces between,
 * quoted as in redis-cli. False: a quote is not closed, or something sticks to one.
 */
export function readInline(
  args: Arguments,
  bytes: Buffer,
  start: number,
  lineEnd: number,
): boolean {
  const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
  for (let at = start; at < end; at++) {
    if (bytes[at] === QUOTE || bytes[at] === APOSTROPHE)
      return new QuotedLine(args, bytes, start, end).read()
  }
  for (let at = start; at < end; ) {
    while (at < end && isSpace(bytes[at]!)) at++
    const wordStart = at
    while (at < end && !isWordEnd(bytes[at]!)) at++
    if (at > wordStart) args.add(wordStart, at)
  }
  return true
}

const escapes: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, a: 7 }

/** Words with quotes in them are written down without. */
class QuotedLine {
  readonly #args: Arguments
  readonly #bytes: Buffer
  readonly #end: number
  readonly #words: Buffer
  #at: number
  #wordsEnd = 0

  constructor(args: Arguments, bytes: Buffer, start: number, end: number) {
    this.#args = args
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#words = Buffer.allocUnsafe(end - start)
  }

  read(): boolean {
    this.#args.bytes = this.#words
    for (;;) {
      while (this.#at < this.#end && isSpace(this.#bytes[this.#at]!)) this.#at++
      if (this.#at >= this.#end) return true
      const wordStart = this.#wordsEnd
      if (!this.#word()) return false
      this.#args.add(wordStart, this.#wordsEnd)
    }
  }

  #word(): boolean {
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at]!
      if (isWordEnd(byte)) return true
      this.#at++
      if (byte === QUOTE || byte === APOSTROPHE) return this.#quoted(byte)
      this.#put(byte)
    }
    return true
  }

  /** Up to the closing quote, which ends the word. */
  #quoted(quote: number): boolean {
    for (;;) {
      if (this.#at >= this.#end) return false
      const byte = this.#bytes[this.#at++]!
      if (byte === quote) return this.#at >= this.#end || isSpace(this.#bytes[this.#at]!)
      if (byte !== BACKSLASH) this.#put(byte)
      else if (quote === QUOTE) this.#escaped()
      else this.#apostrophe()
    }
  }

  #escaped(): void {
    const text = this.#bytes.toString('latin1', this.#at, Math.min(this.#at + 3, this.#end))
    if (/^x[0-9a-f]{2}/i.test(text)) {
      this.#put(Number.parseInt(text.slice(1), 16))
      this.#at += 3
    } else if (text.length === 0) this.#put(BACKSLASH)
    else {
      this.#put(escapes[text[0]!] ?? this.#bytes[this.#at]!)
      this.#at++
    }
  }

  /** Between apostrophes only they are escaped. */
  #apostrophe(): void {
    const isEscape = this.#at < this.#end && this.#bytes[this.#at] === APOSTROPHE
    this.#put(isEscape ? APOSTROPHE : BACKSLASH)
    if (isEscape) this.#at++
  }

  #put(byte: number): void {
    this.#words[this.#wordsEnd++] = byte
  }
}
