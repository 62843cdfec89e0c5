import type { Offset } from '../../../lib/brand.ts'
import type { StoreRefusal } from '../../../log/store.ts'
import type { DeathReason } from '../../../message/annotations.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import type { LogLane } from '../lane/index.ts'
import type { QueueHost } from '../queue-host.ts'
import type { QueueState } from '../queue-state.ts'

/** After so long what could not be sent, or read, is tried again. */
const RETRY_MS = 5_000

type Dying = { readonly lane: LogLane; readonly offset: Offset; readonly reason: DeathReason }

/**
 * Messages on their way to a queue's dead letters. They are read again, perhaps from the disk, and
 * are out of the queue meanwhile; one after the other, so that they arrive in the order they died.
 */
export class Deathbed {
  readonly #host: QueueHost
  readonly #queue: QueueState
  readonly #view = new StoredMessage()
  #dying: Dying[] = []
  #next = 0
  #postponed: Dying[] = []
  /** Their dead letters wait to be appended. */
  #sent: Dying[] = []
  readonly #appended = (refusal: StoreRefusal | null): void => this.#settleSent(refusal)
  #isBusy = false

  constructor(host: QueueHost, queue: QueueState) {
    this.#host = host
    this.#queue = queue
  }

  get isEmpty(): boolean {
    return this.#dying.length + this.#postponed.length + this.#sent.length === 0
  }

  add(dying: Dying): void {
    this.#dying.push(dying)
    if (!this.#isBusy) this.#proceed()
  }

  /** It was tried, and nobody took it. */
  postpone(dying: Dying): void {
    this.#postponed.push(dying)
    this.#host.agenda.add(this.#queue, this.#host.now() + RETRY_MS)
  }

  /** Tries again what was postponed. */
  retry(): void {
    for (const dying of this.#postponed.splice(0)) this.#dying.push(dying)
    if (!this.#isBusy) this.#proceed()
  }

  #proceed(): void {
    this.#isBusy = true
    while (this.#next < this.#dying.length && !this.#queue.isDeleted) {
      const dying = this.#dying[this.#next]!
      const found = dying.lane.read(dying.offset, this.#view)
      if (typeof found !== 'boolean') {
        void found.then(
          isFound => this.#resume(dying, isFound),
          (error: unknown) => this.#failed(dying, error),
        )
        return
      }
      this.#next++
      this.#end(dying, found)
    }
    this.#dying = []
    this.#next = 0
    this.#isBusy = false
  }

  #resume(dying: Dying, isFound: boolean): void {
    this.#next++
    if (!this.#queue.isDeleted) this.#end(dying, isFound)
    this.#proceed()
  }

  #failed(dying: Dying, error: unknown): void {
    const { name, namespace } = this.#queue.spec
    const what = 'a message could not be read to be dead-lettered, and will be again'
    this.#host.runtime.logger.warn({ queue: name, namespace, offset: dying.offset, error }, what)
    this.#next++
    if (!this.#queue.isDeleted) this.postpone(dying)
    this.#proceed()
  }

  /** Its dead letter was published in this turn: once that is appended, it is settled. */
  sent(dying: Dying): void {
    if (this.#sent.length === 0) this.#host.packers.whenAppended(this.#appended)
    this.#sent.push(dying)
  }

  #end(dying: Dying, isFound: boolean): void {
    const port = this.#host.deadLetters
    if (isFound && port !== null && this.#queue.settings.deadLetterExchange !== null) {
      if (port.send(this.#queue, this.#view, dying.reason)) this.sent(dying)
      else this.postpone(dying)
      return
    }
    dying.lane.settle(dying.offset)
    this.#host.noteSettled(this.#queue)
  }

  /** In the run that appended the letters: both are durable, or none is. */
  #settleSent(refusal: StoreRefusal | null): void {
    const sent = this.#sent
    this.#sent = []
    if (this.#queue.isDeleted) return
    if (refusal !== null) {
      for (const dying of sent) this.postpone(dying)
      return
    }
    for (const { lane, offset } of sent) lane.settle(offset)
    this.#host.noteSettled(this.#queue)
  }
}
