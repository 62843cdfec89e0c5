import { assert } from '../../lib/assert.ts'
import { ByteReader, ByteWriter, type Piece } from '../../lib/bytes/index.ts'
import { givenBack } from '../../lib/given-back.ts'
import { limits } from '../../limits/limits.ts'
import type { SnapshotPieces, StateMachine } from '../../log/store.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Runtime } from '../runtime.ts'
import { readBinary } from './binary.ts'
import { Database } from './database.ts'
import * as events from './events.ts'
import { valueFactories } from './factories.ts'
import type { ForeignKeys } from './foreign.ts'
import type { DatabaseHost } from './host.ts'
import { Keys, namespaceOf } from './keys.ts'
import { KeyspaceSnapshot, readSnapshot, snapshotPaceDefault } from './snapshot/index.ts'
import type { Value, ValueFactory, ValueKind } from './value.ts'

/** One byte says which one. */
const DATABASES_MAX = 256
/** Of every event: what it is, and the database. */
const HEAD_BYTES = 2
/** Behind it, where the event is about a value: its kind. */
const KIND_END = HEAD_BYTES + 1
/** Keys that expire in one turn; then others have theirs. */
const EXPIRED_PER_TURN = 1000
/** The clock may jump: so often it is looked at while there is something to expire. */
const LOOK_MS_MAX = 1000

/** A key expired, or some of its elements did. */
export type ExpiredListener = (database: Database, key: string, what: 'key' | 'element') => void

/**
 * Values that are kept in memory under keys, in numbered databases. Every change is journaled as
 * what changed, so a start has them again; lists and streams join through `attach`.
 */
export class Keyspace implements StateMachine, DatabaseHost {
  readonly name = 'keyspace'
  readonly #runtime: Runtime
  readonly #factories: ReadonlyMap<ValueKind, ValueFactory>
  readonly #databases: Database[] = []
  readonly #expired: ExpiredListener[] = []
  #foreign: readonly ForeignKeys[] = []
  #now = 0
  #nowSeconds = 0
  #timer: Timer | null = null
  #lookAt = Infinity
  #isLive = false
  /** What `maxmemory` says; 0: nothing but the keyspace's own bound. */
  bytesMax = 0
  snapshotPace = snapshotPaceDefault
  /** Milliseconds since 1970. */
  startedAt = 0
  /** Keys that expired since the start. */
  expiredCount = 0

  constructor(runtime: Runtime, factories: readonly ValueFactory[] = valueFactories) {
    this.#runtime = runtime
    this.#factories = new Map(factories.map(factory => [factory.kind, factory]))
    this.database(0)
  }

  /** 0 to 255; made when it is asked for. */
  database(index: number): Database {
    assert(index >= 0 && index < DATABASES_MAX, 'a database has a number of one byte')
    for (let made = this.#databases.length; made <= index; made++) {
      this.#databases.push(new Database(made, new Keys(namespaceOf(made)), this))
    }
    return this.#databases[index]!
  }

  /** Those that were asked for. */
  get databases(): readonly Database[] {
    return this.#databases
  }

  /** Stands still during a turn: what was there when a command began is there until it is done. */
  get now(): number {
    if (this.#now === 0) this.#lookAtClock()
    return this.#now
  }

  get nowSeconds(): number {
    if (this.#now === 0) this.#lookAtClock()
    return this.#nowSeconds
  }

  /** About, keys and values; lists and streams are elsewhere. */
  get usedBytes(): number {
    let bytes = 0
    for (const { keys } of this.#databases) bytes += keys.usedBytes
    return bytes
  }

  /** Nothing may be added: what is in memory has a bound in any case. */
  get isFull(): boolean {
    const { keyspaceBytesMax } = limits
    const max = this.bytesMax === 0 ? keyspaceBytesMax : Math.min(this.bytesMax, keyspaceBytesMax)
    return this.usedBytes >= max
  }

  /** Lists and streams become keys. Before the start, once. */
  attach(foreign: readonly ForeignKeys[]): void {
    assert(this.#foreign.length === 0, 'lists and streams are attached once')
    this.#foreign = foreign
    for (const keys of foreign) {
      keys.onChanged((namespace, name) => {
        for (const database of this.#databases)
          if (database.namespace === namespace) database.foreignChanged(name)
      })
    }
  }

  /** After it is gone, whoever noticed it. A key whose last element expired is gone with it. */
  onExpired(listener: ExpiredListener): void {
    this.#expired.push(listener)
  }

  /** The store has replayed. */
  start(): void {
    this.#isLive = true
    this.startedAt = this.now
    this.#arm()
  }

  stop(): void {
    this.#isLive = false
    this.#timer?.cancel()
  }

  /** Two databases exchange what they hold, with their namespaces: users of one see the other's. */
  swap(one: number, other: number): void {
    this.database(Math.max(one, other))
    if (one !== other) this.journal(events.swapEvent(one, other))
  }

  /** The namespace is gone, and with it what its database holds. */
  namespaceDeleted(namespace: string): void {
    for (const database of this.#databases) if (database.namespace === namespace) database.flush()
  }

  /** A value of that kind out of what `Value.write` wrote. Throws `MalformedError`. */
  read(kind: ValueKind, reader: ByteReader): Value {
    return this.#factory(kind).read(reader)
  }

  // For databases.

  get foreign(): readonly ForeignKeys[] {
    return this.#foreign
  }

  journal(event: Buffer): void {
    this.#runtime.store.journal(this.name, event)
  }

  change(
    database: Database,
    key: string,
    kind: ValueKind,
    write: (writer: ByteWriter) => void,
  ): void {
    const event = events.lentChange(database.index, key, kind, write)
    this.#journalApplied(event)
    const reader = ByteReader.between(event.bytes, event.start + KIND_END, event.end)
    reader.skip(reader.varuint()) // The key.
    this.#change(database, key, kind, reader)
    givenBack(event.bytes, event.start, event.end)
    this.#armIfEarlier(database)
  }

  put(database: Database, key: string, value: Value, expiresAt: number): void {
    this.#journalApplied(events.putEvent(database.index, key, value, expiresAt))
    this.#put(database, key, value, expiresAt)
    this.#armIfEarlier(database)
  }

  putText(database: Database, place: number, key: Piece, text: Piece): void {
    this.#journalApplied(events.putTextEvent(database.index, key, text))
    if (place < 0) database.keys.putText(key, text, this.#usedNow())
    else database.keys.setText(place, text)
    database.touchedAt(key)
  }

  journalRelief(event: Buffer): boolean {
    const { store } = this.#runtime
    if (store.reliefRefusal !== null) return false
    store.journalRelief(this.name, event)
    return true
  }

  expired(database: Database, key: string, what: 'key' | 'element'): void {
    if (what === 'key') this.expiredCount++
    for (const listener of this.#expired) listener(database, key, what)
  }

  copyOf(value: Value): Value {
    const writer = new ByteWriter()
    value.write(writer)
    return this.read(value.kind, new ByteReader(writer.finish()))
  }

  random(): number {
    return this.#runtime.random.next()
  }

  // For the store.

  evolve(event: Buffer): void {
    const kind = event[0]!
    const database = this.database(event[1]!)
    const reader = new ByteReader(event)
    reader.skip(HEAD_BYTES)
    if (kind === events.CHANGE || kind <= events.PUT_EXPIRING) {
      const valueKind = events.valueKinds[reader.uint8()]!
      const key = readBinary(reader)
      if (kind === events.CHANGE) this.#change(database, key, valueKind, reader)
      else {
        const expiresAt = kind === events.PUT ? 0 : reader.int64()
        this.#put(database, key, this.read(valueKind, reader), expiresAt)
      }
    } else this.#evolveRest(kind, database, reader)
    this.#armIfEarlier(database)
  }

  snapshot(): SnapshotPieces {
    return new KeyspaceSnapshot(this.#databases, this.snapshotPace)
  }

  restore(piece: Buffer): void {
    readSnapshot(piece, this)
  }

  #journalApplied({ bytes, start, end }: Piece): void {
    this.#runtime.store.journalApplied(this.name, bytes, start, end)
  }

  #put(database: Database, key: string, value: Value, expiresAt: number): void {
    database.keys.put(key, value, expiresAt, this.#usedNow())
    database.touched(key)
  }

  #change(database: Database, key: string, kind: ValueKind, reader: ByteReader): void {
    database.keys.change(key, this.#factory(kind), reader, this.#usedNow())
    database.touched(key)
  }

  #evolveRest(kind: number, database: Database, reader: ByteReader): void {
    const { keys } = database
    switch (kind) {
      case events.DELETE: {
        const key = readBinary(reader)
        keys.remove(key)
        return database.touched(key)
      }
      case events.EXPIRE: {
        const key = readBinary(reader)
        keys.expireAt(key, reader.int64())
        return database.touched(key)
      }
      case events.RENAME:
        return this.#rename(events.readRename(database.index, reader))
      case events.FLUSH:
        keys.clear()
        return database.allTouched()
      default: {
        assert(kind === events.SWAP, 'the events of keys are those of this version')
        const other = this.database(reader.uint8())
        database.keys = other.keys
        other.keys = keys
        database.allTouched()
        return other.allTouched()
      }
    }
  }

  #rename({ from, to, key, newKey }: events.RenameEvent): void {
    const source = this.database(from)
    const target = this.database(to)
    const place = source.keys.placeOf(key)
    assert(place >= 0, 'only a key that is there is renamed')
    const { value, expiresAt } = source.keys.entryAt(place)
    const usedAt = source.keys.usedAt(place)
    target.keys.remove(newKey)
    source.keys.remove(key)
    target.keys.put(newKey, value, expiresAt, usedAt)
    source.touched(key)
    target.touched(newKey)
  }

  /** Once in a turn. */
  #lookAtClock(): void {
    this.#now = this.#runtime.clock.now()
    this.#nowSeconds = Math.floor(this.#now / 1000)
    this.#runtime.timers.soon(() => {
      this.#now = 0
    })
  }

  #factory(kind: ValueKind): ValueFactory {
    const factory = this.#factories.get(kind)
    assert(factory !== undefined, `there are values of the kind "${kind}"`)
    return factory
  }

  /** While the log is replayed nobody uses anything. */
  #usedNow(): number {
    return this.#isLive ? this.nowSeconds : 0
  }

  #armIfEarlier({ keys }: Database): void {
    if (this.#isLive && keys.expiry.earliest < this.#lookAt) this.#arm()
  }

  /** Looks for what has expired when the first of it does, and not before. */
  #arm(): void {
    let earliest = Infinity
    for (const { keys } of this.#databases) earliest = Math.min(earliest, keys.expiry.earliest)
    this.#timer?.cancel()
    this.#timer = null
    this.#lookAt = earliest
    if (earliest === Infinity) return
    const delay = Math.min(Math.max(earliest - this.#runtime.clock.now(), 1), LOOK_MS_MAX)
    this.#timer = this.#runtime.timers.after(delay, () => this.#look())
  }

  #look(): void {
    if (!this.#isLive) return
    let isDone = true
    for (const database of this.#databases)
      if (!database.expireDue(EXPIRED_PER_TURN)) isDone = false
    if (isDone) this.#arm()
    else this.#runtime.timers.soon(() => this.#look())
  }
}
