import { BrokerError } from '../errors.ts'
import type { Queues } from '../queue/index.ts'
import type { Runtime } from '../runtime.ts'
import type { List } from './list.ts'

/** Something changed in a list: `name` is the queue's. Called synchronously, right after it. */
export type ListListener = (namespace: string, name: string) => void

/** Queues, seen as lists. A list without ready elements does not exist. */
export class Lists {
  readonly #runtime: Runtime
  readonly #queues: Queues
  readonly #ready: ListListener[] = []
  readonly #changed: ListListener[] = []

  constructor(runtime: Runtime, queues: Queues) {
    this.#runtime = runtime
    this.#queues = queues
  }

  /**
   * The list of that name; undefined when there is nothing in it. Throws `access-refused` for the
   * exclusive queue of somebody else.
   */
  find(_namespace: string, _name: string): List | undefined {
    void this.#runtime
    void this.#queues
    throw new BrokerError('unsupported', 'Lists are not there yet.')
  }

  /**
   * The list of that name, though it may be empty: its queue is made when there is none. Throws
   * `wrong-type` for a topic or stream, `storage` when the disk takes nothing.
   */
  open(_namespace: string, _name: string): List {
    throw new BrokerError('unsupported', 'Lists are not there yet.')
  }

  /** Of lists that are not empty. Lazily: the caller may stop. */
  *names(_namespace: string): Generator<string> {}

  /** Whether a queue has the name, though it may be empty: nothing else may take it then. */
  isTaken(_namespace: string, _name: string): boolean {
    return false
  }

  /**
   * Empties the list; the queue goes, too, when a push made it. What consumers hold stays theirs.
   * False: there was nothing.
   */
  delete(_namespace: string, _name: string): boolean {
    return false
  }

  /**
   * There is something in a list that may have been empty: pushed, published by any protocol,
   * returned, or its time came. Also called when there was something before.
   */
  onReady(listener: ListListener): void {
    this.#ready.push(listener)
  }

  /** Whatever changed a list, by any protocol: for those who watch keys. */
  onChanged(listener: ListListener): void {
    this.#changed.push(listener)
  }

  /** What the session holds by a visibility timeout comes back. */
  holderGone(_sessionId: number): void {}
}
