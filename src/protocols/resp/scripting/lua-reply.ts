import { formatDouble } from '../../../lib/float-text.ts'
import { LuaTable, type LuaValue } from '../../../lib/lua/index.ts'
import type { ReplyWriter } from '../../../lib/resp/index.ts'

type Kind = 'array' | 'map' | 'set'

/** What is being filled: the table and how many items it still gets. */
type Open = {
  readonly table: LuaTable
  readonly kind: Kind
  left: number
  key: LuaValue
  at: number
}

/** Makes replies of commands into values of a script. */
export class LuaReply implements ReplyWriter {
  version: 2 | 3 = 2
  #open: Open[] = []
  #value: LuaValue
  /** The error reply, if it was one. */
  #failure: string | null = null

  /** The reply that was written last, which is then forgotten. */
  take(): { readonly failure: string | null; readonly value: LuaValue } {
    const taken = { failure: this.#failure, value: this.#value }
    this.#value = undefined
    this.#failure = null
    this.#open = []
    return taken
  }

  ok(): void {
    this.simple('OK')
  }

  simple(text: string): void {
    this.#add(LuaTable.of({ ok: bytesOf(text) }))
  }

  error(text: string): void {
    const failure = bytesOf(text)
    if (this.#open.length === 0) this.#failure = failure
    this.#add(LuaTable.of({ err: failure }))
  }

  integer(value: number | bigint): void {
    this.#add(Number(value))
  }

  bulk(bytes: Buffer, start = 0, end: number = bytes.length): void {
    this.#add(bytes.toString('latin1', start, end))
  }

  text(value: string): void {
    this.#add(bytesOf(value))
  }

  binary(value: string): void {
    this.#add(value)
  }

  nothing(): void {
    this.#add(this.version === 3 ? undefined : false)
  }

  noArray(): void {
    this.nothing()
  }

  array(count: number): void {
    this.#begin('array', count)
  }

  map(count: number): void {
    if (this.version === 3) this.#begin('map', count * 2)
    else this.#begin('array', count * 2)
  }

  set(count: number): void {
    this.#begin(this.version === 3 ? 'set' : 'array', count)
  }

  push(count: number): void {
    this.#begin('array', count)
  }

  double(value: number): void {
    if (this.version === 3) this.#add(LuaTable.of({ double: value }))
    else this.#add(formatDouble(value))
  }

  boolean(value: boolean): void {
    this.#add(this.version === 3 ? value : Number(value))
  }

  bigNumber(digits: string): void {
    this.#add(this.version === 3 ? LuaTable.of({ big_number: digits }) : digits)
  }

  verbatim(format: 'txt' | 'mkd', value: string): void {
    const string = bytesOf(value)
    if (this.version === 2) this.#add(string)
    else this.#add(LuaTable.of({ verbatim_string: LuaTable.of({ format, string }) }))
  }

  #begin(kind: Kind, count: number): void {
    const table = new LuaTable()
    this.#put(kind === 'array' ? table : LuaTable.of({ [kind]: table }))
    if (count > 0) this.#open.push({ table, kind, left: count, key: undefined, at: 0 })
    else this.#close()
  }

  #add(value: LuaValue): void {
    this.#put(value)
    this.#close()
  }

  #put(value: LuaValue): void {
    const into = this.#open.at(-1)
    if (into === undefined) {
      this.#value = value
      return
    }
    into.left--
    if (into.kind === 'array') into.table.set(++into.at, value)
    else if (into.kind === 'set') into.table.set(value, true)
    else if (into.left % 2 === 1) into.key = value
    else into.table.set(into.key, value)
  }

  #close(): void {
    while (this.#open.length > 0 && this.#open.at(-1)!.left === 0) this.#open.pop()
  }
}

/** A script's strings are bytes. */
function bytesOf(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return Buffer.from(text).toString('latin1')
  }
  return text
}
