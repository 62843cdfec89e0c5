import type { ByteReader, ByteWriter } from '../../lib/bytes/index.ts'
import type { Sought } from '../../lib/records/index.ts'

/** Kinds of values that are kept in memory. Lists are queues and streams are topics. */
export type ValueKind = 'string' | 'hash' | 'set' | 'zset'

/** What TYPE says; undefined stands for none. */
export type KeyType = ValueKind | 'list' | 'stream'

/**
 * What a key holds in memory. All texts in it are binary strings: one character for each byte. It
 * changes in `evolve` only, live and while the log is replayed: whoever wants a change writes it
 * as bytes for `Database.change`. A value without elements goes, and its key with it.
 */
export interface Value {
  readonly kind: ValueKind
  /** Elements; a string has one. */
  readonly count: number
  /**
   * About, in bytes: for `maxmemory` and MEMORY USAGE. At least what `write` writes, and said
   * without counting anew.
   */
  readonly sizeBytes: number
  /** How Redis would keep it: what OBJECT ENCODING says. */
  readonly encoding: string
  /** When the first of its elements expires, in milliseconds since 1970; Infinity: none does. */
  readonly elementExpiresAt?: number
  /** Applies what was written for `Database.change`. */
  evolve(change: ByteReader): void
  /** These elements will be asked for soon. */
  warm?(elements: Sought): void
  /** A change that takes out what has expired by then. */
  writeExpiry?(writer: ByteWriter, now: number): void
  /** The whole value, for snapshots, COPY and DUMP. The same bytes for equal values. */
  write(writer: ByteWriter): void
}

/** How values of a kind are made: empty ones, and from what `write` wrote. */
export type ValueFactory = {
  readonly kind: ValueKind
  empty(): Value
  read(reader: ByteReader): Value
}
