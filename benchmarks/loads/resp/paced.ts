import type { Wire } from './wire.ts'

const TICK_MS = 1

/**
 * Sends at a fixed rate, whatever becomes of what was sent before, to one connection after the
 * other: a server that falls behind is not spared.
 */
export class Paced {
  sent = 0
  readonly #wires: readonly Wire[]
  readonly #perMs: number
  readonly #begin = performance.now()
  readonly #command: (due: number, wire: number) => Buffer
  #timer: NodeJS.Timeout | null = null

  /** Begins at once. `rate` is in commands a second; `command` is told when one was due. */
  constructor(
    wires: readonly Wire[],
    rate: number,
    command: (due: number, wire: number) => Buffer,
  ) {
    this.#wires = wires
    this.#perMs = rate / 1000
    this.#command = command
    this.#tick()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #tick(): void {
    this.#timer = setTimeout(() => this.#tick(), TICK_MS)
    const due = Math.floor((performance.now() - this.#begin) * this.#perMs)
    const parts: Buffer[][] = this.#wires.map(() => [])
    for (; this.sent < due; this.sent++) {
      const index = this.sent % this.#wires.length
      parts[index]!.push(this.#command(this.#begin + this.sent / this.#perMs, index))
    }
    for (const [index, some] of parts.entries())
      if (some.length > 0) this.#wires[index]!.write(Buffer.concat(some))
  }
}
