import type { Arguments, ReplyWriter } from '../../lib/resp/index.ts'
import type { DisqueClient } from './client.ts'
import type { Services } from './services.ts'

/** What a command may use. One object for each connection. */
export interface Call {
  readonly args: Arguments
  readonly reply: ReplyWriter
  readonly client: DisqueClient
  readonly services: Services
  /** Replies from here on wait until the disk has all that was changed up to now. */
  awaitDisk(): void
  /** No further command is read until `goOn`. */
  wait(waiter: Waiter): void
  /** What was waited for is answered. */
  goOn(): void
}

/** A command that has no answer yet. */
export interface Waiter {
  /** The client is gone, or the command answered: nothing may be written any more. */
  ended(): void
  /** Milliseconds since 1970; infinite: never. */
  readonly deadline: number
  timedOut(): void
}

/**
 * One command. Like Disque's own table: the arity counts the name, and is negative where there may
 * be more words.
 */
export type Command = {
  readonly name: string
  readonly arity: number
  /** `write` changes jobs, `admin` is for operators, `open` may be used before logging in. */
  readonly flags: readonly ('write' | 'admin' | 'open')[]
  readonly summary: string
  /** Writes one reply, or waits, or throws `ReplyError` before anything was written or changed. */
  readonly run: (call: Call) => void
}
