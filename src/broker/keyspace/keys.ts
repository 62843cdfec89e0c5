import { assert } from '../../lib/assert.ts'
import { ByteIndex } from '../../lib/byte-index.ts'
import type { ByteReader } from '../../lib/bytes/index.ts'
import { DEFAULT_NAMESPACE } from '../topic/topic-names.ts'
import { ExpiryHeap } from './expiry-heap.ts'
import type { Value, ValueFactory } from './value.ts'

/** What a key costs beside its characters and its value: an entry, and places that refer to it. */
export const ENTRY_BYTES = 200
/** Times in the heap that hold no more are looked for when there are so many. */
const STALE_MIN = 1024

/** Where the lists and streams of a database are, unless databases were exchanged. */
export const namespaceOf = (index: number): string =>
  index === 0 ? DEFAULT_NAMESPACE : `db${index}`

/** One key and what it holds in memory. */
export class Entry {
  readonly key: string
  value: Value
  /** Milliseconds since 1970; 0: it stays. */
  expiresAt: number
  /** The earliest time at which the heap brings it up; 0: it does not. */
  dueAt = 0
  /** Its place among all entries. */
  index: number
  /** Seconds since 1970: a small integer, where milliseconds would be an object for each entry. */
  usedAt: number
  /** What it was counted with. */
  sizeBytes = 0

  constructor(key: string, value: Value, index: number, usedAt: number) {
    this.key = key
    this.value = value
    this.index = index
    this.expiresAt = 0
    this.usedAt = usedAt
  }

  /** When the first of it expires, itself or an element; Infinity: nothing does. */
  get expiresFirstAt(): number {
    const elementAt = this.value.elementExpiresAt ?? Infinity
    return this.expiresAt === 0 ? elementAt : Math.min(this.expiresAt, elementAt)
  }
}

/** What one database holds. It changes while events are evolved only. */
export class Keys {
  namespace: string
  /**
   * All entries; the last one takes the place of one that goes. So whoever walks down from the last
   * place to the first meets every key that was there all the time.
   */
  readonly entries: Entry[] = []
  readonly expiry = new ExpiryHeap()
  /** When lists and streams expire, by key. */
  readonly foreignExpiry = new Map<string, number>()
  /** Keys in memory that expire. */
  expiringCount = 0
  usedBytes = 0
  readonly #places = new ByteIndex(place => this.entries[place]!.key)
  /** The key that was looked for last, and what was found: a command asks more than once. */
  #lastKey: string | null = null
  #lastEntry: Entry | undefined
  #staleMax = STALE_MIN

  constructor(namespace: string) {
    this.namespace = namespace
  }

  get(key: string): Entry | undefined {
    if (key !== this.#lastKey) this.#found(key, this.#places.findText(key))
    return this.#lastEntry
  }

  /** The key whose bytes lie there, as the string that is kept: one is made for a new key only. */
  keyOf(bytes: Buffer, start: number, end: number): string {
    const place = this.#places.find(bytes, start, end)
    const key = place < 0 ? bytes.toString('latin1', start, end) : this.entries[place]!.key
    this.#found(key, place)
    return key
  }

  /** 0: it stays. */
  put(key: string, value: Value, expiresAt: number, usedAt: number): void {
    const entry = this.get(key) ?? this.#add(key, value, usedAt)
    entry.value = value
    this.#setExpiry(entry, expiresAt)
    this.#measure(entry)
  }

  change(key: string, factory: ValueFactory, change: ByteReader, usedAt: number): void {
    const entry = this.get(key) ?? this.#add(key, factory.empty(), usedAt)
    assert(entry.value.kind === factory.kind, 'changes are for values of their kind')
    entry.value.evolve(change)
    if (entry.value.count === 0) this.remove(key)
    else this.#measure(entry)
  }

  /** Also forgets when a list or stream of that name would expire. */
  remove(key: string): void {
    const entry = this.get(key)
    if (entry === undefined) {
      this.foreignExpiry.delete(key)
      return
    }
    this.#found(key, -1)
    this.#places.remove(key, entry.index)
    this.usedBytes -= entry.sizeBytes
    if (entry.expiresAt !== 0) this.expiringCount--
    const last = this.entries.pop()!
    if (last === entry) return
    this.#places.move(last.key, last.index, entry.index)
    this.entries[entry.index] = last
    last.index = entry.index
  }

  /** 0: it stays. Of a key that is not in memory, it is for a list or stream. */
  expireAt(key: string, time: number): void {
    const entry = this.get(key)
    if (entry !== undefined) this.#setExpiry(entry, time)
    else if (time === 0) this.foreignExpiry.delete(key)
    else {
      this.foreignExpiry.set(key, time)
      this.#await(key, time)
    }
  }

  clear(): void {
    this.entries.length = 0
    this.#places.clear()
    this.#lastKey = null
    this.#lastEntry = undefined
    this.foreignExpiry.clear()
    this.expiry.clear()
    this.#staleMax = STALE_MIN
    this.expiringCount = 0
    this.usedBytes = 0
  }

  /** The next key of which something may have expired by then; undefined when there is none. */
  takeDue(now: number): string | undefined {
    while (this.expiry.earliest <= now) {
      const key = this.expiry.take()
      const entry = this.get(key)
      if (entry === undefined) {
        if ((this.foreignExpiry.get(key) ?? Infinity) <= now) return key
        continue
      }
      entry.dueAt = 0
      if (entry.expiresFirstAt <= now) return key
      this.#track(entry)
    }
    return undefined
  }

  /** What was taken could not be dealt with, or there is more of it: it comes up again then. */
  again(key: string, time: number): void {
    const entry = this.get(key)
    if (entry === undefined) this.#await(key, time)
    else if (entry.expiresFirstAt < Infinity) {
      entry.dueAt = Math.max(time, entry.expiresFirstAt)
      this.#await(key, entry.dueAt)
    }
  }

  #add(key: string, value: Value, usedAt: number): Entry {
    if (this.foreignExpiry.size > 0) this.foreignExpiry.delete(key)
    const entry = new Entry(key, value, this.entries.length, usedAt)
    this.entries.push(entry)
    this.#places.add(key, entry.index)
    this.#found(key, entry.index)
    return entry
  }

  #found(key: string, place: number): void {
    this.#lastKey = key
    this.#lastEntry = place < 0 ? undefined : this.entries[place]
  }

  #setExpiry(entry: Entry, time: number): void {
    if (time === 0 && entry.expiresAt === 0 && entry.value.elementExpiresAt === undefined) return
    if (entry.expiresAt !== 0) this.expiringCount--
    if (time !== 0) this.expiringCount++
    entry.expiresAt = time
    this.#track(entry)
  }

  #measure(entry: Entry): void {
    const sizeBytes = ENTRY_BYTES + entry.key.length + entry.value.sizeBytes
    this.usedBytes += sizeBytes - entry.sizeBytes
    entry.sizeBytes = sizeBytes
    if (entry.value.elementExpiresAt !== undefined) this.#track(entry)
  }

  /** A time further away needs no place in the heap: the one that is there leads to it. */
  #track(entry: Entry): void {
    const time = entry.expiresFirstAt
    if (time === Infinity || (entry.dueAt !== 0 && time >= entry.dueAt)) return
    entry.dueAt = time
    this.#await(entry.key, time)
  }

  #await(key: string, time: number): void {
    this.expiry.add(key, time)
    if (this.expiry.size > this.#staleMax) this.#rebuild()
  }

  #rebuild(): void {
    this.expiry.clear()
    for (const entry of this.entries) {
      const time = entry.expiresFirstAt
      entry.dueAt = time === Infinity ? 0 : time
      if (entry.dueAt !== 0) this.expiry.add(entry.key, time)
    }
    for (const [key, time] of this.foreignExpiry) this.expiry.add(key, time)
    this.#staleMax = 2 * this.expiry.size + STALE_MIN
  }
}
