import type { Arguments, ReplyWriter } from '../../lib/resp/index.ts'
import type { Database } from '../../broker/keyspace/index.ts'
import type { Client } from './client.ts'
import type { Services } from './services.ts'

/** As COMMAND says them. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_mandatory_keys'
  | 'allow_busy'
  | 'movablekeys'
  | 'no_async_loading'
  | 'no_multi'

/** Of which data type a command is: also an ACL category, where there is one. */
export type CommandGroup =
  | 'generic'
  | 'string'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'hash'
  | 'pubsub'
  | 'transactions'
  | 'connection'
  | 'server'
  | 'scripting'
  | 'hyperloglog'
  | 'cluster'
  | 'geo'
  | 'stream'
  | 'bitmap'

/** What a command does with a key: reads it, overwrites it, updates it, or takes it away. */
export type KeyAccess = 'RO' | 'RW' | 'OW' | 'RM'
/** What it does with what lies at the key; COMMAND says it, and what it is if nothing is said. */
export type KeyUse = 'access' | 'update' | 'insert' | 'delete' | 'variable_flags'

/** Which words are keys. `last` counts from the end when negative, as COMMAND says it. */
export type KeyRange = {
  readonly access: KeyAccess
  readonly uses?: readonly KeyUse[]
  readonly first: number
  readonly last: number
  readonly step: number
}

/** Where the keys depend on other words: `numkeys`, options. Finds the indexes of the words. */
export type KeyFinder = {
  readonly access: KeyAccess
  readonly uses?: readonly KeyUse[]
  find(args: Arguments): readonly number[]
}

/**
 * One command: what COMMAND says of it, what ACL asks of it, and what it does. Tables of commands
 * are the truth: dispatch, COMMAND, ACL categories and COMPAT.md are made from them.
 */
export type Command = {
  /** Lower case; a subcommand as `client|list`. */
  readonly name: string
  /** Words with the name; negative: at least so many. */
  readonly arity: number
  readonly group: CommandGroup
  readonly flags: readonly CommandFlag[]
  /** Further ACL categories (`dangerous`, `keyspace`, …), besides those that follow from flags. */
  readonly categories?: readonly string[]
  readonly keys?: readonly (KeyRange | KeyFinder)[]
  /** The first version of Redis that has it. */
  readonly since: string
  /** A few words for COMMAND DOCS, our own. */
  readonly summary: string
  readonly subcommands?: readonly Command[]
  /**
   * Runs synchronously and writes one reply, or throws `ReplyError` before anything was written or
   * changed. Absent for those that have subcommands only.
   */
  readonly run?: (call: Call) => void
}

/** What a command may use. One object for each connection, filled again and again. */
export interface Call {
  readonly args: Arguments
  readonly reply: ReplyWriter
  readonly client: Client
  /** The one the client has selected. */
  readonly db: Database
  readonly services: Services
  /** Milliseconds since 1970: the same for all of a transaction or script. */
  readonly now: number
  /** A word that is a key, as the binary string under which it is kept. */
  key(index: number): string
  /** False in transactions and scripts: then a blocking command answers as if its time was over. */
  readonly mayBlock: boolean
  /**
   * Nothing was there: the client waits, in order of arrival with others at each key, and reads no
   * further command. Nothing has been written yet.
   */
  block(wait: Wait): void
  /**
   * The client waits for something else, and reads no further command until the reply is given.
   * Nothing has been written yet. Not where `mayBlock` is false.
   */
  suspend(suspension: Suspension): Resume
  /** What keyspace notifications say: a letter of `notify-keyspace-events`, the event, the key. */
  notify(letter: string, event: string, key: string): void
  /** The same for a word that is a key. */
  notifyAt(letter: string, event: string, index: number): void
}

/** Gives the reply of a command that was suspended, once; false when it is too late for that. */
export type Resume = (answer: (reply: ReplyWriter) => void) => boolean

/** How long the reply of a suspended command may take. */
export type Suspension = {
  /** 0: for ever. */
  readonly timeoutMs: number
  /** The time is over, or CLIENT UNBLOCK said so; null: neither ends the wait. */
  readonly timedOut: ((reply: ReplyWriter) => void) | null
}

/** A client that waits for keys. */
export type Wait = {
  readonly keys: readonly string[]
  /** 0: for ever. */
  readonly timeoutMs: number
  /** Something may be at `key`: answers and says true, or leaves all as it is and says false. */
  serve(key: string, reply: ReplyWriter): boolean
  /** In how many milliseconds something may be there by time alone; null: never. Absent: never. */
  retryMs?(): number | null
  /** The time is over, or CLIENT UNBLOCK said so. */
  timedOut(reply: ReplyWriter): void
}
