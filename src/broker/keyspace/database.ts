import type { ByteWriter } from '../../lib/bytes/index.ts'
import type { KeyType, Value, ValueKind } from './value.ts'

/**
 * One of the numbered databases: keys and what they hold. Keys are binary strings. A key is a value
 * in memory, a list (the queue of that name) or a stream (the topic of that name); database 0 is
 * the namespace `/`, database n the namespace `db<n>`.
 */
export interface Database {
  readonly index: number
  readonly namespace: string

  /** Of what is there now: a key whose time has come is not. Counts as an access for OBJECT IDLETIME. */
  typeOf(key: string): KeyType | undefined
  /** The value; undefined when there is none. Throws `BrokerError` `wrong-type` for another kind. */
  find<V extends Value>(key: string, kind: V['kind']): V | undefined

  /**
   * Journals a change of a value, made empty when there is none; it has changed when this returns.
   * Throws `wrong-type`, and `StoreRefusedError` when the disk is full. `write` writes what the
   * value's `evolve` reads.
   */
  change(key: string, kind: ValueKind, write: (writer: ByteWriter) => void): void
  /** Puts a whole value in the place of whatever was there, without a time to live. */
  put(key: string, value: Value): void
  /** Whatever its type; false when there was nothing. */
  delete(key: string): boolean

  /** Milliseconds since 1970, or null: it stays. Undefined: there is no such key. */
  expiryOf(key: string): number | null | undefined
  /** A time that has passed deletes the key. False when there is none. */
  expireAt(key: string, time: number | null): boolean

  /** Calls `changed` at the next change of the key, by whomever and whatever protocol; once. */
  watch(key: string, changed: () => void): { cancel(): void }
}
