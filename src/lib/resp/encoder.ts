import { formatDouble } from '../float-text.ts'
import type { ReplyWriter } from './reply.ts'
import { type ReplySink, SINK_RESERVE_BYTES_MAX } from './sink.ts'

const CR = 0x0d
const LF = 0x0a
const ZERO = 0x30
/** Type, digits of a 64-bit number with sign, and a line end. */
const HEAD_BYTES_MAX = 24
/** A bulk string up to here is written in one go with what is around it. */
const WHOLE_BYTES_MAX = 4 * 1024
/** Up to here a loop is faster than a call. */
const SHORT_CHARS_MAX = 32
const INT32_MAX = 0x7fff_ffff

const ok = Buffer.from('+OK\r\n')
const noBulk = Buffer.from('$-1\r\n')
const noArray = Buffer.from('*-1\r\n')
const nil = Buffer.from('_\r\n')
const lineEnd = Buffer.from('\r\n')

/** Writes replies as RESP2 or RESP3, straight to where the socket takes them from. */
export class ReplyEncoder implements ReplyWriter {
  version: 2 | 3 = 2
  /** May be exchanged between two replies. */
  sink: ReplySink
  /** Error replies so far: whoever counts failures compares before and after. */
  errors = 0
  /** The newest of them. */
  lastError = ''

  constructor(sink: ReplySink) {
    this.sink = sink
  }

  ok(): void {
    this.#constant(ok)
  }

  simple(text: string): void {
    this.#line('+', oneLine(text))
  }

  error(text: string): void {
    this.errors++
    this.lastError = text
    this.#line('-', oneLine(text))
  }

  integer(value: number | bigint): void {
    if (typeof value === 'number') this.#head(0x3a, value)
    else this.#line(':', String(value))
  }

  bulk(bytes: Buffer, start = 0, end: number = bytes.length): void {
    const size = end - start
    const { sink } = this
    if (size > WHOLE_BYTES_MAX) {
      this.#head(0x24, size)
      sink.write(bytes.subarray(start, end))
      this.#constant(lineEnd)
      return
    }
    const room = sink.reserve(size + HEAD_BYTES_MAX + 2)
    let at = writeHead(room, sink.position, 0x24, size)
    if (size > SHORT_CHARS_MAX) at += bytes.copy(room, at, start, end)
    else for (let from = start; from < end; from++) room[at++] = bytes[from]!
    room[at++] = CR
    room[at++] = LF
    sink.advance(at)
  }

  text(value: string): void {
    this.#string(value, 'utf8')
  }

  binary(value: string): void {
    if (value.length > SHORT_CHARS_MAX) return this.#string(value, 'latin1')
    const { sink } = this
    const room = sink.reserve(SHORT_CHARS_MAX + HEAD_BYTES_MAX + 2)
    let at = writeHead(room, sink.position, 0x24, value.length)
    for (let index = 0; index < value.length; index++) room[at++] = value.charCodeAt(index)
    room[at++] = CR
    room[at++] = LF
    sink.advance(at)
  }

  nothing(): void {
    this.#constant(this.version === 2 ? noBulk : nil)
  }

  noArray(): void {
    this.#constant(this.version === 2 ? noArray : nil)
  }

  array(count: number): void {
    this.#head(0x2a, count)
  }

  map(count: number): void {
    if (this.version === 2) this.#head(0x2a, count * 2)
    else this.#head(0x25, count)
  }

  set(count: number): void {
    this.#head(this.version === 2 ? 0x2a : 0x7e, count)
  }

  push(count: number): void {
    this.#head(this.version === 2 ? 0x2a : 0x3e, count)
  }

  double(value: number): void {
    if (this.version === 2) this.binary(formatDouble(value))
    else this.#line(',', formatDouble(value))
  }

  boolean(value: boolean): void {
    if (this.version === 2) this.integer(value ? 1 : 0)
    else this.#line('#', value ? 't' : 'f')
  }

  bigNumber(digits: string): void {
    if (this.version === 2) this.binary(digits)
    else this.#line('(', digits)
  }

  verbatim(format: 'txt' | 'mkd', value: string): void {
    if (this.version === 2) return this.text(value)
    const bytes = Buffer.from(`${format}:${value}`)
    this.#head(0x3d, bytes.length)
    this.sink.write(bytes)
    this.#constant(lineEnd)
  }

  #string(value: string, encoding: 'utf8' | 'latin1'): void {
    if (value.length * 3 > WHOLE_BYTES_MAX) return this.bulk(Buffer.from(value, encoding))
    const size = encoding === 'latin1' ? value.length : Buffer.byteLength(value)
    const { sink } = this
    const room = sink.reserve(size + HEAD_BYTES_MAX + 2)
    let at = writeHead(room, sink.position, 0x24, size)
    at += room.write(value, at, encoding)
    room[at++] = CR
    room[at++] = LF
    sink.advance(at)
  }

  #head(type: number, value: number): void {
    const { sink } = this
    const room = sink.reserve(HEAD_BYTES_MAX)
    sink.advance(writeHead(room, sink.position, type, value))
  }

  #line(type: string, text: string): void {
    const size = text.length * 3 + 3
    if (size > SINK_RESERVE_BYTES_MAX) return this.sink.write(Buffer.from(`${type}${text}\r\n`))
    const { sink } = this
    const room = sink.reserve(size)
    let at = sink.position
    room[at++] = type.charCodeAt(0)
    at = writeText(room, at, text)
    room[at++] = CR
    room[at++] = LF
    sink.advance(at)
  }

  #constant(bytes: Buffer): void {
    const { sink } = this
    const room = sink.reserve(bytes.length)
    let at = sink.position
    for (let index = 0; index < bytes.length; index++) room[at++] = bytes[index]!
    sink.advance(at)
  }
}

/** A type, a whole number, and the end of the line; behind them. */
function writeHead(room: Buffer, position: number, type: number, value: number): number {
  let at = position
  room[at++] = type
  if (value >= 0 && value < 10) room[at++] = ZERO + value
  else if (value >= 0 && value <= INT32_MAX) at = writeDigits(room, at, value)
  else at += room.write(String(value), at, 'latin1')
  room[at++] = CR
  room[at++] = LF
  return at
}

function writeDigits(room: Buffer, start: number, value: number): number {
  let end = start
  for (let rest = value; rest > 0; rest = (rest / 10) | 0) end++
  for (let rest = value, at = end; at > start; rest = (rest / 10) | 0) {
    room[--at] = ZERO + (rest % 10)
  }
  return end
}

/** Mostly words of ours: short, and of one byte each. */
function writeText(room: Buffer, start: number, text: string): number {
  if (text.length > SHORT_CHARS_MAX) return start + room.write(text, start)
  let at = start
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return start + room.write(text, start)
    room[at++] = code
  }
  return at
}

const oneLine = (text: string): string =>
  text.includes('\r') || text.includes('\n') ? text.replaceAll(/[\r\n]/g, ' ') : text
