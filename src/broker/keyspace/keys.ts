import { assert } from '../../lib/assert.ts'
import type { ByteReader, Piece } from '../../lib/bytes/index.ts'
import { Records, type Sought } from '../../lib/records/index.ts'
import { DEFAULT_NAMESPACE } from '../topic/topic-names.ts'
import { pieceOf } from './binary.ts'
import { ExpiryHeap } from './expiry-heap.ts'
import type { KeysSnapshot } from './snapshot/index.ts'
import { isShort, plainTextOf, sizeOfText, StringValue } from './string/index.ts'
import type { Value, ValueFactory } from './value.ts'

/** What a key costs beside its characters and its value: an entry, and places that refer to it. */
export const ENTRY_BYTES = 200
/** Times in the heap that hold no more are looked for when there are so many. */
const STALE_MIN = 1024

const NO_BYTES = Buffer.alloc(0)

/** Where the lists and streams of a database are, unless databases were exchanged. */
export const namespaceOf = (index: number): string =>
  index === 0 ? DEFAULT_NAMESPACE : `db${index}`

/** A key and what it holds in memory. */
export class Entry {
  readonly key: string
  value: Value
  /** Milliseconds since 1970; 0: it stays. */
  expiresAt = 0
  /** The earliest time at which the heap brings it up; 0: it does not. */
  dueAt = 0
  /** What it was counted with. */
  sizeBytes = 0

  constructor(key: string, value: Value) {
    this.key = key
    this.value = value
  }

  /** When the first of it expires, itself or an element; Infinity: nothing does. */
  get expiresFirstAt(): number {
    const elementAt = this.value.elementExpiresAt ?? Infinity
    return this.expiresAt === 0 ? elementAt : Math.min(this.expiresAt, elementAt)
  }
}

/**
 * What one database holds. It changes while events are evolved only. Keys have places, 0 to `count`
 * - 1; the last one takes the place of one that goes. So whoever walks down from the last place to
 * the first meets every key that was there all the time.
 */
export class Keys {
  namespace: string
  readonly expiry = new ExpiryHeap()
  /** When lists and streams expire, by key. */
  readonly foreignExpiry = new Map<string, number>()
  /** Keys in memory that expire. */
  expiringCount = 0
  usedBytes = 0
  /** All keys by place, with the text of each that is plain; marks say when they were used. */
  #records = new Records()
  /** By place; null: the key is plain, a short text that stays is all there is of it. */
  #entries: (Entry | null)[] = []
  /** It is told before anything changes that it may not have written yet. */
  #snapshot: KeysSnapshot | null = null
  /** The key that was looked for last, and its place: a command asks more than once. */
  #lastKey: string | null = null
  #lastPlace = -1
  #staleMax = STALE_MIN

  constructor(namespace: string) {
    this.namespace = namespace
  }

  get count(): number {
    return this.#entries.length
  }

  /** -1: it is not in memory. */
  placeOf(key: string): number {
    if (key !== this.#lastKey) this.#found(key, this.#records.findText(key))
    return this.#lastPlace
  }

  keyAt(place: number): string {
    return this.#entries[place]?.key ?? this.#records.keyAt(place)
  }

  /** Of a plain key it is made for whoever asks: it says what is there, and is not what is. */
  entryAt(place: number): Entry {
    return this.#entries[place] ?? this.#plainEntry(place)
  }

  get(key: string): Entry | undefined {
    const place = this.placeOf(key)
    return place < 0 ? undefined : this.entryAt(place)
  }

  /** The key whose bytes lie there. What is done with it next finds it soon. */
  keyOf(bytes: Buffer, start: number, end: number): string {
    const place = this.#records.find(bytes, start, end)
    if (place < 0) this.#found(bytes.toString('latin1', start, end), -1)
    else if (place !== this.#lastPlace) this.#found(this.keyAt(place), place)
    return this.#lastKey!
  }

  /**
   * Fetches from memory at once what will be asked of these keys, and of elements that are likely
   * to be in the first of them.
   */
  warm(keys: Sought, elements: Sought): void {
    this.#records.warm(keys)
    for (let at = 0; at < keys.count; at++)
      if (this.#entries[keys.positions[at]!] !== null) keys.warmth++
    const first = keys.positions[0]!
    if (first >= 0) this.#entries[first]?.value.warm?.(elements)
  }

  /** The place of a key that is plain; -1: it is another one, or not in memory. */
  plainPlaceOf({ bytes, start, end }: Piece): number {
    const place = this.#records.find(bytes, start, end)
    return place >= 0 && this.#entries[place] === null ? place : -1
  }

  /** The text of a plain key: valid until something changes. */
  lendText(place: number, into: Piece): Piece {
    return this.#records.lendValue(place, into)
  }

  lendKey(place: number, into: Piece): Piece {
    return this.#records.lendKey(place, into)
  }

  isPlain(place: number): boolean {
    return this.#entries[place] === null
  }

  /** In seconds since 1970; 0: not since the start. */
  usedAt(place: number): number {
    return this.#records.markAt(place) >>> 0 // Seconds go beyond 31 bits in 2038.
  }

  use(place: number, seconds: number): void {
    this.#records.setMark(place, seconds)
  }

  /** 0: it stays. */
  put(key: string, value: Value, expiresAt: number, usedAt: number): void {
    let place = this.placeOf(key)
    if (place < 0) place = this.#add(Buffer.from(key, 'latin1'), key, usedAt)
    else this.#snapshot?.changing(place)
    const entry = this.#entries[place] ?? new Entry(key, value)
    entry.value = value
    this.#keep(place, entry, expiresAt)
  }

  /** The same for bytes, which stay: a short text (`isShort`) makes the key plain. */
  putText(key: Piece, text: Piece, usedAt: number): void {
    let place = this.#records.find(key.bytes, key.start, key.end)
    if (place < 0) {
      const bytes = key.bytes.subarray(key.start, key.end)
      place = this.#add(bytes, null, usedAt)
    }
    this.setText(place, text)
  }

  /** What is at the place is this from now on. */
  setText(place: number, text: Piece): void {
    this.#snapshot?.changing(place)
    const { bytes, start, end } = text
    if (!isShort(end - start)) return this.#setLong(place, text)
    if (this.#entries[place] !== null) this.#makePlain(place)
    this.usedBytes += end - start - this.#records.valueBytes(place)
    this.#records.setValue(place, bytes, start, end)
  }

  change(key: string, factory: ValueFactory, change: ByteReader, usedAt: number): void {
    let place = this.placeOf(key)
    const isNew = place < 0
    if (isNew) place = this.#add(Buffer.from(key, 'latin1'), key, usedAt)
    else this.#snapshot?.changing(place)
    const entry = isNew ? new Entry(key, factory.empty()) : this.entryAt(place)
    assert(entry.value.kind === factory.kind, 'changes are for values of their kind')
    entry.value.evolve(change)
    if (entry.value.count === 0) this.remove(key)
    else this.#keep(place, entry, entry.expiresAt)
  }

  /** Also forgets when a list or stream of that name would expire. */
  remove(key: string): void {
    const place = this.placeOf(key)
    if (place < 0) {
      this.foreignExpiry.delete(key)
      return
    }
    this.#found(key, -1)
    this.#snapshot?.changing(place)
    this.usedBytes -= this.#sizeAt(place)
    if ((this.#entries[place]?.expiresAt ?? 0) !== 0) this.expiringCount--
    this.#records.removeAt(place)
    const last = this.#entries.pop()!
    if (place === this.#entries.length) return
    this.#entries[place] = last
    this.#snapshot?.moved(this.#entries.length, place)
  }

  /** 0: it stays. Of a key that is not in memory, it is for a list or stream. */
  expireAt(key: string, time: number): void {
    const place = this.placeOf(key)
    if (place >= 0) {
      this.#snapshot?.changing(place)
      this.#keep(place, this.entryAt(place), time)
    } else if (time === 0) this.foreignExpiry.delete(key)
    else {
      this.foreignExpiry.set(key, time)
      this.#await(key, time)
    }
  }

  clear(): void {
    if (this.#snapshot !== null) this.#snapshot.cleared(this.#handOver())
    this.#snapshot = null
    this.#entries = []
    this.#records = new Records()
    this.#forget()
    this.foreignExpiry.clear()
    this.expiry.clear()
    this.#staleMax = STALE_MIN
    this.expiringCount = 0
    this.usedBytes = 0
  }

  /** It is of this moment, and told of everything until it ends. */
  beginSnapshot(snapshot: KeysSnapshot): void {
    assert(this.#snapshot === null, 'a snapshot ends before the next one begins')
    this.#snapshot = snapshot
  }

  endSnapshot(snapshot: KeysSnapshot): void {
    if (this.#snapshot === snapshot) this.#snapshot = null
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

  /** What is here becomes that of another, which nobody changes. */
  #handOver(): Keys {
    const other = new Keys(this.namespace)
    other.#records = this.#records
    other.#entries = this.#entries
    return other
  }

  /** Plain, and empty. The key as a string, where there is one. */
  #add(bytes: Buffer, key: string | null, usedAt: number): number {
    const place = this.#records.add(bytes, 0, bytes.length)
    this.#entries.push(null)
    this.#snapshot?.added(place)
    this.#records.setMark(place, usedAt)
    this.usedBytes += this.#sizeAt(place)
    if (this.foreignExpiry.size > 0) this.foreignExpiry.delete(this.keyAt(place))
    if (key !== null) this.#found(key, place)
    else this.#forget()
    return place
  }

  #found(key: string, place: number): void {
    this.#lastKey = key
    this.#lastPlace = place
  }

  #forget(): void {
    this.#lastKey = null
    this.#lastPlace = -1
  }

  #plainEntry(place: number): Entry {
    const text = this.#records.valueAt(place)
    const entry = new Entry(this.#records.keyAt(place), StringValue.of(text))
    entry.sizeBytes = this.#sizeAt(place)
    return entry
  }

  /** The entry is what is at the place from now on, or the place is plain. */
  #keep(place: number, entry: Entry, expiresAt: number): void {
    const text = expiresAt === 0 ? plainTextOf(entry.value) : null
    if (text !== null) return this.setText(place, pieceOf(text))
    this.usedBytes -= this.#sizeAt(place)
    if (this.#entries[place] === null) this.#records.setValue(place, NO_BYTES, 0, 0)
    this.#entries[place] = entry
    entry.sizeBytes = ENTRY_BYTES + entry.key.length + entry.value.sizeBytes
    this.usedBytes += entry.sizeBytes
    if (entry.expiresAt !== 0) this.expiringCount--
    if (expiresAt !== 0) this.expiringCount++
    entry.expiresAt = expiresAt
    if (expiresAt !== 0 || entry.value.elementExpiresAt !== undefined) this.#track(entry)
  }

  #setLong(place: number, text: Piece): void {
    const before = this.#entries[place] ?? null
    const value = before?.value instanceof StringValue ? before.value : new StringValue()
    value.becomeBytes(text)
    const entry = before ?? new Entry(this.#records.keyAt(place), value)
    entry.value = value
    this.#keep(place, entry, 0)
  }

  /** With no text. */
  #makePlain(place: number): void {
    this.usedBytes -= this.#sizeAt(place)
    if (this.#entries[place]!.expiresAt !== 0) this.expiringCount--
    this.#entries[place] = null
    this.usedBytes += this.#sizeAt(place)
  }

  #sizeAt(place: number): number {
    const entry = this.#entries[place] ?? null
    if (entry !== null) return entry.sizeBytes
    const records = this.#records
    return ENTRY_BYTES + records.keyBytes(place) + sizeOfText(records.valueBytes(place))
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
    for (const entry of this.#entries) {
      if (entry === null) continue
      const time = entry.expiresFirstAt
      entry.dueAt = time === Infinity ? 0 : time
      if (entry.dueAt !== 0) this.expiry.add(entry.key, time)
    }
    for (const [key, time] of this.foreignExpiry) this.expiry.add(key, time)
    this.#staleMax = 2 * this.expiry.size + STALE_MIN
  }
}
