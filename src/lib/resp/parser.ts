import type { Ahead } from './ahead.ts'
import { Arguments } from './arguments.ts'
import { readInline } from './inline.ts'
import { LengthLine } from './length-line.ts'

const EMPTY: Buffer = Buffer.alloc(0)
const STAR = 0x2a
const DOLLAR = 0x24
const LF = 0x0a
/** A line of an inline command, or of a length. */
const LINE_BYTES_MAX = 64 * 1024
const TORN_BYTES_MIN = 64

/** What strangers may send before they have logged in, as Redis has it. */
const STRANGER_WORDS_MAX = 10
const STRANGER_BULK_BYTES_MAX = 16_384

/** Bytes that are no command. Nothing after them can be understood. */
export class RespSyntaxError extends Error {
  override readonly name = 'RespSyntaxError'
  /** In Redis' words, `Protocol error: …`; null: the peer is sent away without a word. */
  readonly reply: string | null

  constructor(reply: string | null) {
    super(reply ?? 'a command is longer than allowed')
    this.reply = reply
  }
}

/** May change at any time, and be shared by all parsers. */
export type ParserLimits = {
  /** One word; `proto-max-bulk-len`. */
  bulkBytesMax: number
  wordsMax: number
  /** A whole command that arrives in pieces; `client-query-buffer-limit`. */
  commandBytesMax: number
}

/**
 * Finds commands in what a client sends, in both forms: arrays of bulk strings, and lines that a
 * person types. A command that is whole in a read is not copied. One that is torn is collected in
 * a buffer that grows with what arrived, not with what was announced.
 */
export class CommandParser {
  /** The command that `next` found, until `next` is called again. */
  readonly args = new Arguments()
  /** False until the client is logged in: then it may send little. */
  isTrusted = true
  readonly #limits: ParserLimits
  readonly #line = new LengthLine()
  /** The read that is being looked at, and those after it. */
  #bytes: Buffer = EMPTY
  #at = 0
  #later: Buffer[] = []
  #laterBytes = 0
  /** The beginning of a command whose end has not come, and what of it is filled and parsed. */
  #torn: Buffer | null = null
  #tornEnd = 0
  #tornAt = 0
  /** Bytes until the torn word is whole; 0: until a line is. */
  #missing = 0
  /** Words to come of the command that was begun. */
  #wordsLeft = 0
  /** Of the word that was begun; -1: its length is not known. */
  #bulkBytes = -1
  /** Behind what `#parse` understood. */
  #parsedEnd = 0

  constructor(limits: ParserLimits) {
    this.#limits = limits
  }

  /** Belongs to the parser until it was read, or `keep` was called. */
  push(bytes: Buffer): void {
    if (this.#at === this.#bytes.length && this.#later.length === 0) {
      this.#bytes = bytes
      this.#at = 0
    } else {
      this.#later.push(bytes)
      this.#laterBytes += bytes.length
    }
  }

  /** Those bytes are used for something else from now on: what is still needed is copied. */
  keep(pushed: Buffer): void {
    const isCurrent = this.#bytes === pushed
    const later = isCurrent ? -1 : this.#later.lastIndexOf(pushed)
    const isRead = isCurrent && this.#at === pushed.length
    if (isRead) this.#nextRead()
    if (this.args.bytes !== pushed && (isRead || (!isCurrent && later < 0))) return
    const copy = Buffer.from(pushed)
    if (isCurrent && !isRead) this.#bytes = copy
    if (later >= 0) this.#later[later] = copy
    if (this.args.bytes === pushed) this.args.bytes = copy
  }

  /** What has come and was not given out. */
  get pendingBytes(): number {
    return this.#bytes.length - this.#at + this.#laterBytes + this.#tornEnd
  }

  /** How many reads wait: each costs more than its bytes. */
  get pendingReads(): number {
    return this.#later.length
  }

  /** Looks at what comes next, as far as it is in the read that is being looked at. */
  lookAhead(ahead: Ahead): void {
    if (this.#torn === null) ahead.look(this.#bytes, this.#at)
    else ahead.forget()
  }

  /** Puts the next command into `args`. False: it has not come as a whole. */
  next(): boolean {
    const { args } = this
    for (;;) {
      if (this.#torn !== null) {
        if (!this.#mend()) return this.#exhausted()
      } else {
        if (this.#at === this.#bytes.length && !this.#nextRead()) return this.#exhausted()
        const start = this.#at
        args.clear()
        args.bytes = this.#bytes
        if (!this.#parse(this.#bytes, start, this.#bytes.length)) {
          this.#tear(start)
          continue
        }
        this.#at = this.#parsedEnd
      }
      if (args.count > 0) return true // An empty line or array is no command.
    }
  }

  /** Nothing is kept of a read that is done with. */
  #exhausted(): false {
    if (this.#torn === null) {
      this.args.clear()
      this.args.bytes = EMPTY
    }
    return false
  }

  #nextRead(): boolean {
    if (this.#later.length === 0) {
      this.#bytes = EMPTY
      this.#at = 0
      return false
    }
    this.#bytes = this.#later.shift()!
    this.#laterBytes -= this.#bytes.length
    this.#at = 0
    return true
  }

  /** The rest of the read is the beginning of a command. */
  #tear(start: number): void {
    const size = this.#bytes.length - start
    const torn = Buffer.allocUnsafeSlow(Math.max(TORN_BYTES_MIN, size * 2))
    this.#bytes.copy(torn, 0, start)
    const { args } = this
    args.bytes = torn
    for (let index = 0; index < args.count; index++) {
      args.starts[index]! -= start
      args.ends[index]! -= start
    }
    this.#torn = torn
    this.#tornEnd = size
    this.#tornAt = this.#parsedEnd - start
    this.#at = this.#bytes.length
  }

  /** Adds to the torn command just what it lacks. False: that has not come. */
  #mend(): boolean {
    for (;;) {
      if (this.#at === this.#bytes.length && !this.#nextRead()) return false
      const added = this.#take()
      if (this.#missing > 0) {
        this.#missing -= added
        if (this.#missing > 0) continue
      }
      const torn = this.#torn!
      if (!this.#parse(torn, this.#tornAt, this.#tornEnd)) {
        this.#tornAt = this.#parsedEnd
        continue
      }
      this.#at -= this.#tornEnd - this.#parsedEnd // Of a line there may have come more than it.
      this.#torn = null // Not used again: whoever answers with a part of it may refer to it.
      this.#tornEnd = 0
      return true
    }
  }

  #take(): number {
    const rest = this.#bytes.length - this.#at
    let count = Math.min(rest, this.#missing)
    if (this.#missing === 0) {
      const lineEnd = this.#bytes.indexOf(LF, this.#at)
      count = lineEnd < 0 ? rest : lineEnd + 1 - this.#at
    }
    this.#reserve(this.#tornEnd + count)
    this.#bytes.copy(this.#torn!, this.#tornEnd, this.#at, this.#at + count)
    this.#at += count
    this.#tornEnd += count
    return count
  }

  #reserve(size: number): void {
    const torn = this.#torn!
    if (size > this.#limits.commandBytesMax) throw new RespSyntaxError(null)
    if (size <= torn.length) return
    const announced = this.#tornEnd + this.#missing
    const larger = Math.max(size, torn.length * 2)
    // A large word is given its exact room at last, if half of it is there.
    const grown = Buffer.allocUnsafeSlow(announced > size ? Math.min(larger, announced) : larger)
    torn.copy(grown, 0, 0, this.#tornEnd)
    this.#torn = grown
    this.args.bytes = grown
  }

  /** Goes on where it stopped. True: the command is whole, and ends at `#parsedEnd`. */
  #parse(bytes: Buffer, start: number, end: number): boolean {
    let at = start
    this.#parsedEnd = at
    this.#missing = 0
    if (this.#wordsLeft === 0) {
      if (bytes[at] !== STAR) return this.#parseLine(bytes, at, end)
      if (!this.#readLength(bytes, at, end, 'mbulk')) return false
      const words = this.#line.value
      if (this.#line.isBad || words > this.#limits.wordsMax)
        throw new RespSyntaxError('Protocol error: invalid multibulk length')
      if (words > STRANGER_WORDS_MAX && !this.isTrusted)
        throw new RespSyntaxError('Protocol error: unauthenticated multibulk length')
      at = this.#parsedEnd = this.#line.end
      if (words <= 0) return true
      this.#wordsLeft = words
    }
    do {
      if (this.#bulkBytes < 0) {
        if (!this.#parseBulkLength(bytes, at, end)) return false
        at = this.#parsedEnd = this.#line.end
      }
      const wordEnd = at + this.#bulkBytes
      if (wordEnd + 2 > end) {
        this.#missing = wordEnd + 2 - end
        return false
      }
      this.args.add(at, wordEnd)
      at = this.#parsedEnd = wordEnd + 2
      this.#bulkBytes = -1
    } while (--this.#wordsLeft > 0)
    return true
  }

  #parseBulkLength(bytes: Buffer, at: number, end: number): boolean {
    if (at < end && bytes[at] !== DOLLAR) return this.#unexpected(bytes, at, end)
    if (!this.#readLength(bytes, at, end, 'bulk')) return false
    const { value, isBad } = this.#line
    if (isBad || value < 0 || value > this.#limits.bulkBytesMax)
      throw new RespSyntaxError('Protocol error: invalid bulk length')
    if (value > STRANGER_BULK_BYTES_MAX && !this.isTrusted)
      throw new RespSyntaxError('Protocol error: unauthenticated bulk length')
    this.#bulkBytes = value
    return true
  }

  /** As Redis, which looks at the line once all of it is there. */
  #unexpected(bytes: Buffer, at: number, end: number): false {
    if (!this.#readLength(bytes, at, end, 'bulk')) return false
    const got = String.fromCharCode(bytes[at]!)
    throw new RespSyntaxError(`Protocol error: expected '$', got '${got}'`)
  }

  #readLength(bytes: Buffer, at: number, end: number, what: 'mbulk' | 'bulk'): boolean {
    if (this.#line.read(bytes, at, end)) return true
    if (end - at <= LINE_BYTES_MAX) return false
    throw new RespSyntaxError(`Protocol error: too big ${what} count string`)
  }

  #parseLine(bytes: Buffer, at: number, end: number): boolean {
    const lineEnd = bytes.indexOf(LF, at)
    if (lineEnd < 0 || lineEnd >= end) {
      if (end - at <= LINE_BYTES_MAX) return false
      throw new RespSyntaxError('Protocol error: too big inline request')
    }
    if (!readInline(this.args, bytes, at, lineEnd))
      throw new RespSyntaxError('Protocol error: unbalanced quotes in request')
    this.#parsedEnd = lineEnd + 1
    return true
  }
}
