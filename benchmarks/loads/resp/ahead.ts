import { repeated, type Wire } from './wire.ts'

/** Not at every turn: who looks all the time takes a processor from the server. */
export const LOOK_EVERY_MS = 1

/** Sends one command again and again, so far ahead of what is done. */
export class Ahead {
  sent = 0
  readonly #wire: Wire
  readonly #command: Buffer
  readonly #window: number

  constructor(wire: Wire, command: Buffer, window: number) {
    this.#wire = wire
    this.#command = command
    this.#window = window
  }

  /** As many as the window has room for when so many are done; never more than `max` in all. */
  send(done: number, max = Number.POSITIVE_INFINITY): void {
    const missing = Math.min(this.#window - (this.sent - done), max - this.sent)
    if (missing <= 0) return
    this.#wire.write(repeated(this.#command, missing))
    this.sent += missing
  }
}
