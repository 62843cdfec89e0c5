import type { ReplyWriter } from './reply.ts'

/** A reply as a value. Bytes are copies. A map holds keys and values in turn. */
export type Reply =
  | { readonly kind: 'simple' | 'error' | 'bigNumber'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'bulk'; readonly bytes: Buffer }
  | { readonly kind: 'nothing' | 'noArray' }
  | { readonly kind: 'array' | 'map' | 'set' | 'push'; readonly items: readonly Reply[] }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'verbatim'; readonly format: 'txt' | 'mkd'; readonly text: string }

type Open = { readonly items: Reply[]; left: number }

/** Keeps replies as values, in RESP3's types whatever the version: for scripts and tests. */
export class ReplyRecorder implements ReplyWriter {
  version: 2 | 3 = 2
  #replies: Reply[] = []
  #open: Open[] = []

  /** All whole replies so far, which are then forgotten. */
  take(): Reply[] {
    const replies = this.#replies
    this.#replies = []
    return replies
  }

  ok(): void {
    this.simple('OK')
  }

  simple(text: string): void {
    this.#add({ kind: 'simple', text })
  }

  error(text: string): void {
    this.#add({ kind: 'error', text: text.replaceAll(/[\r\n]/g, ' ') })
  }

  integer(value: number | bigint): void {
    this.#add({ kind: 'integer', value })
  }

  bulk(bytes: Buffer, start = 0, end: number = bytes.length): void {
    this.#add({ kind: 'bulk', bytes: Buffer.from(bytes.subarray(start, end)) })
  }

  text(value: string): void {
    this.#add({ kind: 'bulk', bytes: Buffer.from(value) })
  }

  binary(value: string): void {
    this.#add({ kind: 'bulk', bytes: Buffer.from(value, 'latin1') })
  }

  nothing(): void {
    this.#add({ kind: 'nothing' })
  }

  noArray(): void {
    this.#add({ kind: 'noArray' })
  }

  array(count: number): void {
    this.#begin('array', count)
  }

  map(count: number): void {
    this.#begin('map', count * 2)
  }

  set(count: number): void {
    this.#begin('set', count)
  }

  push(count: number): void {
    this.#begin('push', count)
  }

  double(value: number): void {
    this.#add({ kind: 'double', value })
  }

  boolean(value: boolean): void {
    this.#add({ kind: 'boolean', value })
  }

  bigNumber(digits: string): void {
    this.#add({ kind: 'bigNumber', text: digits })
  }

  verbatim(format: 'txt' | 'mkd', value: string): void {
    this.#add({ kind: 'verbatim', format, text: value })
  }

  #begin(kind: 'array' | 'map' | 'set' | 'push', count: number): void {
    const items: Reply[] = []
    const into = this.#open.at(-1)
    if (into === undefined) this.#replies.push({ kind, items })
    else into.items.push({ kind, items })
    this.#open.push({ items, left: count + 1 })
    this.#counted()
  }

  #add(reply: Reply): void {
    const into = this.#open.at(-1)
    if (into === undefined) this.#replies.push(reply)
    else {
      into.items.push(reply)
      this.#counted()
    }
  }

  /** One more item is there; those that are full are closed, from the inside out. */
  #counted(): void {
    for (
      let top = this.#open.at(-1);
      top !== undefined && --top.left === 0;
      top = this.#open.at(-1)
    )
      this.#open.pop()
  }
}
