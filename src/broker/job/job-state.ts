import type { StateMachine } from '../../log/store.ts'
import { JsonJournal } from '../json-journal.ts'
import type { Runtime } from '../runtime.ts'

/** What a queue does not do at present. */
export type Pause = { readonly isIn: boolean; readonly isOut: boolean }

type PausedEvent = {
  readonly kind: 'paused'
  readonly namespace: string
  readonly queue: string
  readonly pause: Pause
}
type JobEvent = { readonly kind: 'founded'; readonly node: string } | PausedEvent

const NODE_BYTES = 20
const running: Pause = { isIn: false, isOut: false }

/** What of jobs is durable beside their queues: who made them, and which queues are paused. */
export class JobState implements StateMachine {
  readonly name = 'jobs'
  readonly #runtime: Runtime
  readonly #journal: JsonJournal<JobEvent>
  readonly #paused = new Map<string, PausedEvent>()
  #node = ''

  constructor(runtime: Runtime) {
    this.#runtime = runtime
    this.#journal = new JsonJournal(runtime, this.name)
  }

  start(): void {
    if (this.#node !== '' || this.#runtime.store.refusal !== null) return
    const node = this.#runtime.random.bytes(NODE_BYTES).toString('hex')
    this.#journal.write({ kind: 'founded', node })
  }

  evolve(event: Buffer): void {
    this.#apply(this.#journal.read(event))
  }

  snapshot(): Buffer {
    return this.#journal.snapshot([{ kind: 'founded', node: this.#node }, ...this.#paused.values()])
  }

  restore(snapshot: Buffer): void {
    this.#paused.clear()
    for (const event of this.#journal.readSnapshot(snapshot)) this.#apply(event)
  }

  /** Forty hexadecimal digits that stay the same over starts. */
  get node(): string {
    return this.#node
  }

  pauseOf(namespace: string, queue: string): Pause {
    return this.#paused.get(keyOf(namespace, queue))?.pause ?? running
  }

  pause(namespace: string, queue: string, pause: Pause): void {
    this.#journal.write({ kind: 'paused', namespace, queue, pause })
  }

  #apply(event: JobEvent): void {
    if (event.kind === 'founded') {
      this.#node = event.node
      return
    }
    const key = keyOf(event.namespace, event.queue)
    if (event.pause.isIn || event.pause.isOut) this.#paused.set(key, event)
    else this.#paused.delete(key)
  }
}

const keyOf = (namespace: string, queue: string): string => JSON.stringify([namespace, queue])
