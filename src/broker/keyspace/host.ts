import type { Database } from './database.ts'
import type { ForeignKeys } from './foreign.ts'
import type { Value } from './value.ts'

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
  /** The same for an event that changes the value of a key, and for one that puts a value there. */
  journalChange(event: Buffer, key: string): void
  journalPut(event: Buffer, put: Put): void
  /** For what makes room; false when not even that is possible. */
  journalRelief(event: Buffer): boolean
  expired(database: Database, key: string, what: 'key' | 'element'): void
  copyOf(value: Value): Value
  random(): number
}

/** What an event that puts a value says; 0: it stays. */
export type Put = { readonly key: string; readonly value: Value; readonly expiresAt: number }
