import { LuaTable, type LuaValue } from '../../../lib/lua/index.ts'
import type { ReplyWriter } from '../../../lib/resp/index.ts'
import { limits } from '../../../limits/limits.ts'
import { ReplyError } from '../errors.ts'

/** Tables within tables of a result. */
const DEPTH_MAX = 500
const INT64 = 2 ** 63

/** Writes what a script returned. `version` is the script's own: what it said to `setresp`. */
export class ResultWriter {
  readonly #reply: ReplyWriter
  readonly #version: 2 | 3

  constructor(reply: ReplyWriter, version: 2 | 3) {
    this.#reply = reply
    this.#version = version
  }

  /** Throws `ReplyError`, before anything is written, for tables that are too deep or too large. */
  write(value: LuaValue): void {
    if (value instanceof LuaTable) measure(value)
    this.#write(value)
  }

  #write(value: LuaValue): void {
    const reply = this.#reply
    if (typeof value === 'string') reply.binary(value)
    else if (typeof value === 'number') reply.integer(integerOf(value))
    else if (typeof value === 'boolean') this.#boolean(value)
    else if (value instanceof LuaTable) this.#table(value)
    else reply.nothing()
  }

  #boolean(value: boolean): void {
    if (this.#version === 3) this.#reply.boolean(value)
    else if (value) this.#reply.integer(1)
    else this.#reply.nothing()
  }

  #table(table: LuaTable): void {
    const reply = this.#reply
    if (this.#special(table)) return
    const length = lengthOf(table)
    reply.array(length)
    for (let at = 1; at <= length; at++) this.#write(table.get(at))
  }

  /** A table with one of the fields that stand for another type of reply. */
  #special(table: LuaTable): boolean {
    const reply = this.#reply
    const failure = table.get('err')
    if (typeof failure === 'string') {
      reply.error(shownText(failure))
      return true
    }
    const status = table.get('ok')
    if (typeof status === 'string') {
      reply.simple(oneLine(shownText(status)))
      return true
    }
    const double = table.get('double')
    if (typeof double === 'number') {
      reply.double(double)
      return true
    }
    const digits = table.get('big_number')
    if (typeof digits === 'string') {
      reply.bigNumber(oneLine(digits))
      return true
    }
    return this.#verbatim(table.get('verbatim_string')) || this.#collection(table)
  }

  #verbatim(table: LuaValue): boolean {
    if (!(table instanceof LuaTable)) return false
    const [format, text] = [table.get('format'), table.get('string')]
    if (typeof format !== 'string' || typeof text !== 'string') return false
    this.#reply.verbatim(format === 'mkd' ? 'mkd' : 'txt', shownText(text))
    return true
  }

  #collection(table: LuaTable): boolean {
    const [map, set] = [table.get('map'), table.get('set')]
    if (map instanceof LuaTable) {
      this.#reply.map(countOf(map))
      for (let key = map.nextKey(undefined); key !== undefined; key = map.nextKey(key)) {
        this.#write(key)
        this.#write(map.get(key))
      }
      return true
    }
    if (!(set instanceof LuaTable)) return false
    this.#reply.set(countOf(set))
    for (let key = set.nextKey(undefined); key !== undefined; key = set.nextKey(key)) {
      this.#write(key)
    }
    return true
  }
}

/** Up to the first nil. */
function lengthOf(table: LuaTable): number {
  const { length } = table
  for (let at = 1; at <= length; at++) if (table.get(at) === undefined) return at - 1
  return length
}

function countOf(table: LuaTable): number {
  let count = 0
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) count++
  return count
}

/** Tables may contain themselves. */
function measure(table: LuaTable): void {
  let left: number = limits.scriptReplyItemsMax
  const visit = (value: LuaValue, depth: number): void => {
    if (--left < 0 || depth > DEPTH_MAX) throw new ReplyError('ERR reached lua stack limit')
    if (!(value instanceof LuaTable)) return
    for (let key = value.nextKey(undefined); key !== undefined; key = value.nextKey(key)) {
      visit(value.get(key), depth + 1)
    }
  }
  visit(table, 0)
}

/** Towards zero; what 64 bits do not hold is what a processor makes of it. */
function integerOf(value: number): number | bigint {
  const whole = Math.trunc(value)
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole
  if (!(whole >= -INT64 && whole < INT64)) return -BigInt(INT64)
  return BigInt(whole)
}

/** Bytes as the text that is written as those bytes, where they are one. */
const shownText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')
const oneLine = (text: string): string => text.replace(/[\r\n]/g, ' ')
