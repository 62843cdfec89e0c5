import type { ByteWriter, Piece } from '../../lib/bytes/index.ts'
import type { Database } from './database.ts'
import type { ForeignKeys } from './foreign.ts'
import type { Value, ValueKind } from './value.ts'

/** What a database needs of the keyspace it is part of. */
export interface DatabaseHost {
  /** Milliseconds since 1970; stands still during a turn. */
  readonly now: number
  /** The same in seconds. */
  readonly nowSeconds: number
  readonly startedAt: number
  readonly foreign: readonly ForeignKeys[]
  /** Throws `StoreRefusedError`. */
  journal(event: Buffer): void
  /** Journal that the value of a key changes, or what is put there; 0: it stays for ever. */
  change(
    database: Database,
    key: string,
    kind: ValueKind,
    write: (writer: ByteWriter) => void,
  ): void
  put(database: Database, key: string, value: Value, expiresAt: number): void
  /** The place of a plain key; -1: whatever is there becomes one. */
  putText(database: Database, place: number, key: Piece, text: Piece): void
  /** For what makes room; false when not even that is possible. */
  journalRelief(event: Buffer): boolean
  expired(database: Database, key: string, what: 'key' | 'element'): void
  copyOf(value: Value): Value
  random(): number
}
