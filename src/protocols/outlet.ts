import { BufferSink, type ReplySink } from '../lib/resp/index.ts'
import type { Egress } from './protocol.ts'

/** They hold nothing now. A new one for each client and turn kept the collector busy. */
const spares: BufferSink[] = []
const SPARES_MAX = 1024

/**
 * The way out of one connection: straight to the socket, or kept while the disk has to confirm
 * something first. What is kept goes out in order, whoever wrote it.
 */
export class Outlet {
  /** Where to write now. */
  sink: ReplySink
  readonly #egress: Egress
  /** One for each turn that waits. */
  #held: BufferSink[] = []
  #isEnding = false

  constructor(egress: Egress) {
    this.#egress = egress
    this.sink = egress
  }

  get heldBytes(): number {
    let bytes = 0
    for (const sink of this.#held) bytes += sink.sizeBytes
    return bytes
  }

  hold(): void {
    const sink = spares.pop() ?? new BufferSink()
    this.#held.push(sink)
    this.sink = sink
  }

  /** What was held first goes out. */
  release(): void {
    const sink = this.#held.shift()
    if (sink === undefined) return
    sink.drainTo(this.#egress)
    if (spares.length < SPARES_MAX) spares.push(sink)
    if (this.#held.length > 0) return
    this.sink = this.#egress
    if (this.#isEnding) this.#egress.end()
  }

  /** Closes after what was written, and held, went out. */
  end(): void {
    this.#isEnding = true
    if (this.#held.length === 0) this.#egress.end()
  }

  /** Forgets what is held. */
  destroy(): void {
    this.#held = []
    this.sink = this.#egress
    this.#egress.destroy()
  }
}
