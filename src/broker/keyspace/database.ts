import type { ByteWriter, Piece } from '../../lib/bytes/index.ts'
import { BrokerError } from '../errors.ts'
import { changeEvent, deleteEvent, expireEvent, flushEvent, renameEvent } from './events.ts'
import type { ForeignKeys, Place } from './foreign.ts'
import type { DatabaseHost } from './host.ts'
import type { Entry, Keys } from './keys.ts'
import { keyOfName, nameOfKey } from './names.ts'
import { noRoom, wrongType } from './refusals.ts'
import { Scan } from './scan.ts'
import type { KeyType, Value, ValueKind } from './value.ts'
import { type Watch, Watches } from './watches.ts'

/**
 * One of the numbered databases: keys and what they hold. Keys are binary strings. A key is a value
 * in memory, a list (the queue of that name) or a stream (the topic of that name); database 0 is
 * the namespace `/`, database n the namespace `db<n>`. Everything that changes something throws
 * `StoreRefusedError` when the disk is full, but for what makes room.
 */
export class Database {
  readonly index: number
  readonly #host: DatabaseHost
  readonly #watches = new Watches()
  readonly #scan: Scan
  /** What it holds. Two databases may change theirs. */
  keys: Keys

  constructor(index: number, keys: Keys, host: DatabaseHost) {
    this.index = index
    this.keys = keys
    this.#host = host
    this.#scan = new Scan(() => this.#foreignKeys())
  }

  get namespace(): string {
    return this.keys.namespace
  }

  /** Milliseconds since 1970, by which keys are there or expired. It stands still during a turn. */
  get now(): number {
    return this.#host.now
  }

  /** The key whose bytes lie between `start` and `end`. What is done with it next finds it soon. */
  keyOf(bytes: Buffer, start: number, end: number): string {
    return this.keys.keyOf(bytes, start, end)
  }

  /** Of what is there now: a key whose time has come is not. Counts as an access. */
  typeOf(key: string): KeyType | undefined {
    return this.#live(key)?.value.kind ?? this.#foreignAt(key)?.type
  }

  has(key: string): boolean {
    return this.typeOf(key) !== undefined
  }

  /** The kind of the value in memory; undefined: it may still be a list or a stream. */
  kindOf(key: string): ValueKind | undefined {
    return this.#live(key)?.value.kind
  }

  /** The value; undefined when there is none. Throws `wrong-type` for another kind. */
  find<V extends Value>(key: string, kind: V['kind']): V | undefined {
    const entry = this.#live(key)
    if (entry !== undefined && entry.value.kind === kind) return entry.value as V
    if (entry !== undefined || this.#foreignAt(key) !== undefined) throw wrongType()
    return undefined
  }

  /** The value in memory, of whatever kind. */
  value(key: string): Value | undefined {
    return this.#live(key)?.value
  }

  /**
   * Journals a change of a value, made empty when there is none; it has changed when this returns.
   * Throws `wrong-type`. `write` writes what the value's `evolve` reads, and does nothing else.
   */
  change(key: string, kind: ValueKind, write: (writer: ByteWriter) => void): void {
    const entry = this.#live(key)
    if (entry === undefined ? this.#foreignAt(key) !== undefined : entry.value.kind !== kind)
      throw wrongType()
    this.#host.change(this, key, kind, write)
  }

  /**
   * Puts a whole value in the place of whatever was there: it belongs to the database from now on.
   * `expiresAt` in milliseconds since 1970, null: it stays.
   */
  put(key: string, value: Value, expiresAt: number | null = null): void {
    if (this.#live(key) === undefined) this.#foreignDelete(key)
    this.#host.put(this, key, value, expiresAt ?? 0)
  }

  /** The same for a string that stays. Whoever holds the value that was there sees it change. */
  putText(key: Piece, text: Piece): void {
    const place = this.keys.plainPlaceOf(key)
    if (place < 0) {
      const name = this.keyOf(key.bytes, key.start, key.end)
      if (this.#live(name) === undefined) this.#foreignDelete(name)
    }
    this.#host.putText(this, place, key, text)
  }

  /**
   * Where the text of a key lies that is nothing but a short text: null when it is another key, or
   * not there. Valid until something changes. Counts as an access.
   */
  lendText(key: Piece, into: Piece): Piece | null {
    const place = this.keys.plainPlaceOf(key)
    if (place < 0) return null
    this.keys.use(place, this.#host.nowSeconds)
    return this.keys.lendText(place, into)
  }

  /** Whatever its type; false when there was nothing. */
  delete(key: string): boolean {
    if (this.#live(key) === undefined) return this.#foreignDelete(key)
    if (!this.#host.journalRelief(deleteEvent(this.index, key))) throw noRoom()
    return true
  }

  /** Milliseconds since 1970, or null: it stays. Undefined: there is no such key. */
  expiryOf(key: string): number | null | undefined {
    const entry = this.#live(key)
    if (entry !== undefined) return entry.expiresAt === 0 ? null : entry.expiresAt
    if (this.#foreignAt(key) === undefined) return undefined
    return this.keys.foreignExpiry.get(key) ?? null
  }

  /** A time that has passed deletes the key. False when there is none. */
  expireAt(key: string, time: number | null): boolean {
    if (time !== null && time <= this.now) return this.delete(key)
    if (!this.has(key)) return false
    this.#host.journal(expireEvent(this.index, key, time ?? 0))
    return true
  }

  /**
   * Moves what is at `key`, with its time to live, to the place of whatever is at `newKey` of the
   * same or another database. False when there is nothing.
   */
  rename(key: string, newKey: string, to: Database = this): boolean {
    const type = this.typeOf(key)
    if (type === undefined) return false
    if (this === to && key === newKey) return true
    const foreign = this.#foreignOfType(type)
    if (foreign === undefined) {
      to.#foreignDelete(newKey)
      this.#host.journal(renameEvent({ from: this.index, to: to.index, key, newKey }))
      return true
    }
    const expiresAt = this.expiryOf(key) ?? null
    const [from, place] = [this.#place(key), to.#place(newKey)]
    to.#makeRoom(newKey, place, foreign)
    foreign.rename(from, place)
    if (expiresAt !== null) to.expireAt(newKey, expiresAt)
    return true
  }

  /** The same, and what is at `key` stays there. */
  copy(key: string, newKey: string, to: Database): boolean {
    const type = this.typeOf(key)
    if (type === undefined) return false
    const expiresAt = this.expiryOf(key) ?? null
    const value = this.value(key)
    if (value !== undefined) {
      to.put(newKey, this.#host.copyOf(value), expiresAt)
      return true
    }
    const [from, place] = [this.#place(key), to.#place(newKey)]
    const foreign = this.#foreignOfType(type)!
    to.#makeRoom(newKey, place, foreign)
    foreign.copy(from, place)
    if (expiresAt !== null) to.expireAt(newKey, expiresAt)
    return true
  }

  /** All keys go; of lists and streams those that no client of another kind has made. */
  flush(): void {
    const { namespace } = this
    for (const { foreign, name } of [...this.#foreignNames()])
      if (!foreign.isOthers(namespace, name)) foreign.delete(namespace, name)
    if (this.keys.count === 0 && this.keys.foreignExpiry.size === 0) return
    if (!this.#host.journalRelief(flushEvent(this.index))) throw noRoom()
  }

  /** Keys, those whose time has come and who are not gone yet among them. */
  count(): number {
    let { count } = this.keys
    for (const _ of this.#foreignNames()) count++
    return count
  }

  /** Keys that expire. */
  get expiringCount(): number {
    return this.keys.expiringCount + this.keys.foreignExpiry.size
  }

  /** Every key that is there. Nothing may change meanwhile. */
  *allKeys(): Generator<string> {
    const { keys } = this
    for (let place = keys.count - 1; place >= 0; place--)
      if (keys.isPlain(place) || !this.#isExpired(keys.entryAt(place))) yield keys.keyAt(place)
    for (const key of this.#foreignKeys())
      if ((this.keys.foreignExpiry.get(key) ?? Infinity) > this.now) yield key
  }

  /** Undefined when there is none. */
  randomKey(): string | undefined {
    for (let tries = 0; tries < 100; tries++) {
      const index = Math.floor(this.#host.random() * this.count())
      const { keys } = this
      const key = index < keys.count ? keys.keyAt(index) : this.#nthForeign(index)
      if (key === undefined) return undefined
      if (this.has(key)) return key
    }
    return undefined
  }

  /**
   * Visits about `count` keys from a cursor on and returns the next one; 0 begins, and ends.
   * Whoever goes on to the end is given every key that was there all the time, at least once.
   */
  scan(cursor: number, count: number, visit: (key: string) => void): number {
    return this.#scan.from(this.keys, cursor, count, key => {
      if (this.has(key)) visit(key)
    })
  }

  /** When it was used last, to the second, in milliseconds since 1970; asking does not use it. */
  usedAt(key: string): number | undefined {
    const place = this.keys.placeOf(key)
    if (place < 0) return undefined
    const usedAt = this.keys.usedAt(place)
    return usedAt === 0 ? this.#host.startedAt : usedAt * 1000
  }

  /** Sets when it was used last, for OBJECT IDLETIME; forgotten when the broker stops. */
  setUsedAt(key: string, time: number): void {
    const place = this.keys.placeOf(key)
    if (place >= 0) this.keys.use(place, Math.max(1, Math.floor(time / 1000)))
  }

  /** About, in bytes; undefined for what is not in memory. */
  sizeOf(key: string): number | undefined {
    return this.#live(key)?.sizeBytes
  }

  /** Calls `changed` at the next change of the key, by whomever and whatever protocol; once. */
  watch(key: string, changed: () => void): Watch {
    this.#foreignAt(key)?.follow?.(this.namespace, nameOfKey(key)!)
    return this.#watches.add(key, changed)
  }

  /** A key changed. This and what follows is what the keyspace calls. */
  touched(key: string): void {
    if (!this.#watches.isEmpty) this.#watches.changed(key)
  }

  /** The same for a key whose bytes lie somewhere. */
  touchedAt({ bytes, start, end }: Piece): void {
    if (!this.#watches.isEmpty) this.#watches.changed(this.keyOf(bytes, start, end))
  }

  allTouched(): void {
    for (const key of this.#watches.keys()) this.#watches.changed(key)
  }

  foreignChanged(name: string): void {
    const { foreignExpiry } = this.keys
    if (foreignExpiry.size === 0 && this.#watches.isEmpty) return
    const key = keyOfName(name)
    if (foreignExpiry.has(key) && this.#foreignAt(key) === undefined)
      this.#host.journalRelief(expireEvent(this.index, key, 0))
    this.touched(key)
  }

  /** Removes what has expired of keys, at most so many; false when there may be more. */
  expireDue(keysMax: number): boolean {
    for (let left = keysMax; left > 0; left--) {
      const key = this.keys.takeDue(this.now)
      if (key === undefined) return true
      if (!this.#expireOne(key)) this.keys.again(key, this.now + RETRY_MS)
    }
    return false
  }

  #live(key: string): Entry | undefined {
    const place = this.keys.placeOf(key)
    if (place < 0) return undefined
    const entry = this.keys.entryAt(place)
    const { now } = this.#host
    if (entry.expiresAt !== 0 && entry.expiresAt <= now) {
      this.#expire(key)
      return undefined
    }
    this.keys.use(place, this.#host.nowSeconds)
    const { elementExpiresAt } = entry.value
    if (elementExpiresAt === undefined || elementExpiresAt > now) return entry
    this.#expireElements(entry)
    return this.keys.get(key)
  }

  #isExpired(entry: Entry): boolean {
    return entry.expiresAt !== 0 && entry.expiresAt <= this.#host.now
  }

  /** False when the disk did not take it: then it is hidden. */
  #expire(key: string): boolean {
    if (!this.#host.journalRelief(deleteEvent(this.index, key))) return false
    this.#host.expired(this, key, 'key')
    return true
  }

  #expireOne(key: string): boolean {
    const entry = this.keys.get(key)
    if (entry === undefined) return this.#expireOneForeign(key)
    if (this.#isExpired(entry)) return this.#expire(key)
    return this.#expireElements(entry)
  }

  /** They are gone when the disk took it; else they stay. */
  #expireElements({ key, value }: Entry): boolean {
    const before = value.count
    const write = (writer: ByteWriter): void => value.writeExpiry!(writer, this.now)
    if (!this.#host.journalRelief(changeEvent(this.index, key, value.kind, write))) return false
    if (value.count < before) this.#host.expired(this, key, 'element')
    return true
  }

  #expireOneForeign(key: string): boolean {
    if (this.#foreignAt(key) !== undefined || !this.keys.foreignExpiry.has(key)) return true
    return this.#host.journalRelief(expireEvent(this.index, key, 0))
  }

  #foreignAt(key: string): ForeignKeys | undefined {
    const name = nameOfKey(key)
    if (name === undefined) return undefined
    for (const foreign of this.#host.foreign) {
      if (!foreign.has(this.namespace, name)) continue
      if ((this.keys.foreignExpiry.get(key) ?? Infinity) > this.now) return foreign
      this.#expireForeign(foreign, key, name)
      return undefined
    }
    return undefined
  }

  #expireForeign(foreign: ForeignKeys, key: string, name: string): void {
    if (!this.#host.journalRelief(expireEvent(this.index, key, 0))) return
    foreign.delete(this.namespace, name)
    this.#host.expired(this, key, 'key')
  }

  #foreignDelete(key: string): boolean {
    const foreign = this.#foreignAt(key)
    if (foreign === undefined) return false
    foreign.delete(this.namespace, nameOfKey(key)!)
    return true
  }

  #foreignOfType(type: KeyType): ForeignKeys | undefined {
    return this.#host.foreign.find(foreign => foreign.type === type)
  }

  #makeRoom(key: string, { namespace, name }: Place, newcomer: ForeignKeys): void {
    this.delete(key)
    for (const foreign of this.#host.foreign)
      if (foreign !== newcomer) foreign.vacate?.(namespace, name)
  }

  #place(key: string): Place {
    const name = nameOfKey(key)
    if (name !== undefined) return { namespace: this.namespace, name }
    throw new BrokerError('invalid-name', 'the name of a list or stream is UTF-8')
  }

  *#foreignNames(): Generator<{ foreign: ForeignKeys; name: string }> {
    for (const foreign of this.#host.foreign)
      for (const name of foreign.names(this.namespace)) yield { foreign, name }
  }

  /** Lists and streams that no value in memory hides. */
  *#foreignKeys(): Generator<string> {
    for (const { name } of this.#foreignNames()) {
      const key = keyOfName(name)
      if (this.keys.placeOf(key) < 0) yield key
    }
  }

  #nthForeign(index: number): string | undefined {
    let at = this.keys.count
    for (const { name } of this.#foreignNames()) if (at++ === index) return keyOfName(name)
    return undefined
  }
}

/** What the disk did not take is tried again after so long. */
const RETRY_MS = 1000
