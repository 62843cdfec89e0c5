import { BrokerError } from './errors.ts'
import type { Runtime } from './runtime.ts'
import { decodeEvents, encodeEvents } from './snapshot.ts'

/**
 * The events of a state machine whose changes are rare: they are JSON, so that `sabir log dump`
 * shows them as they are. Refuses, as a `BrokerError`, what the store would refuse.
 */
export class JsonJournal<Event extends { readonly kind: string }> {
  readonly #runtime: Runtime
  readonly #machine: string

  constructor(runtime: Runtime, machine: string) {
    this.#runtime = runtime
    this.#machine = machine
  }

  write(event: Event): void {
    const { store } = this.#runtime
    if (store.refusal !== null) throw new BrokerError('storage', store.refusal.message)
    store.journal(this.#machine, encode(event))
  }

  /** For what makes room, or takes a right away: welcome on a full disk, too. */
  writeRelief(event: Event): void {
    const { store } = this.#runtime
    if (store.reliefRefusal !== null) throw new BrokerError('storage', store.reliefRefusal.message)
    store.journalRelief(this.#machine, encode(event))
  }

  // The bytes are our own and checked by the log, so their shape is known.
  read(bytes: Buffer): Event {
    return JSON.parse(bytes.toString()) as Event
  }

  /** A snapshot is the events that would make the state anew. */
  snapshot(events: Iterable<Event>): Buffer {
    return encodeEvents(events)
  }

  readSnapshot(bytes: Buffer): readonly Event[] {
    return decodeEvents(this.#machine, bytes)
  }
}

const encode = (event: object): Buffer => Buffer.from(JSON.stringify(event))
