import { BrokerError } from '../errors.ts'
import type { Queues } from '../queue/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Topics } from '../topic/index.ts'
import type { Turn } from '../turn.ts'
import type { EntryStream } from './port.ts'

/** Called synchronously, right after it. `name` is the topic's. */
export type EntryListener = (namespace: string, name: string) => void

export type EntryParts = {
  readonly topics: Topics
  readonly queues: Queues
  readonly turn: Turn
}

/** Topics that no queue owns, seen as streams of entries. */
export class EntryStreams {
  readonly #parts: EntryParts
  readonly #appended: EntryListener[] = []
  readonly #changed: EntryListener[] = []

  constructor(_runtime: Runtime, parts: EntryParts) {
    this.#parts = parts
  }

  /** Undefined when there is no topic of that name, or it is a queue's. */
  find(_namespace: string, _name: string): EntryStream | undefined {
    void this.#parts
    throw new BrokerError('unsupported', 'Streams are not there yet.')
  }

  /** Whether `find` would find one; cheaper. */
  has(_namespace: string, _name: string): boolean {
    return false
  }

  /**
   * The stream of that name; its topic is made when there is none: it keeps everything. Throws
   * `wrong-type` for the name of a queue, `storage` when the disk takes nothing.
   */
  open(_namespace: string, _name: string): EntryStream {
    throw new BrokerError('unsupported', 'Streams are not there yet.')
  }

  /** Lazily: the caller may stop. */
  *names(_namespace: string): Generator<string> {}

  /** Deletes the topic, whoever made it. False: there was none. */
  delete(_namespace: string, _name: string): boolean {
    return false
  }

  /** There are entries that were not there before, or a group has something to hand out again. */
  onAppended(listener: EntryListener): void {
    this.#appended.push(listener)
  }

  /** Whatever changed a stream, by any protocol: for those who watch keys. */
  onChanged(listener: EntryListener): void {
    this.#changed.push(listener)
  }
}
