/** Where a list or stream lies: names are text, as queues and topics have them. */
export type Place = { readonly namespace: string; readonly name: string }

/**
 * Keys that hold something the keyspace does not keep: lists and streams. It asks for them, and
 * keeps the times at which they expire.
 */
export interface ForeignKeys {
  readonly type: 'list' | 'stream'
  /** Whether there is something of that name, as a client of keys sees it. */
  has(namespace: string, name: string): boolean
  /** Lazily: the caller may stop. */
  names(namespace: string): Iterable<string>
  delete(namespace: string, name: string): void
  /** Made by clients of another kind: it is deleted by its name only, not with all keys. */
  isOthers(namespace: string, name: string): boolean
  /** Nothing is at `to`, nor will `from` be there afterwards. Throws a `BrokerError`. */
  rename(from: Place, to: Place): void
  /** Nothing is at `to`. Throws a `BrokerError`. */
  copy(from: Place, to: Place): void
  /** One of the others wants the name, which nothing that can be seen has. */
  vacate?(namespace: string, name: string): void
  /** Somebody watches the key: what others do to it is to be told from now on. */
  follow?(namespace: string, name: string): void
  /** Any change by any protocol; called right after it. */
  onChanged(listener: (namespace: string, name: string) => void): void
}
