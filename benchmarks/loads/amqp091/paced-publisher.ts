import { publishFrames, type Target } from './frames.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const TICK_MS = 1
const BODY_BYTES_MIN = 8

/**
 * Publishes at a fixed rate, with confirms, whatever becomes of what was sent before: a broker that
 * falls behind is not spared. Each body begins with the time when its message was due, so waiting
 * in the sender counts as well.
 */
export class PacedPublisher {
  sent = 0
  confirmed = 0
  readonly #wire: Wire
  readonly #message: Buffer
  readonly #bodyAt: number
  readonly #perMs: number
  readonly #begin = performance.now()
  #timer: NodeJS.Timeout | null = null

  private constructor(wire: Wire, settings: Settings, target: Target, rate: number) {
    this.#wire = wire
    this.#perMs = rate / 1000
    const body = Buffer.alloc(Math.max(settings.bodyBytes, BODY_BYTES_MIN), 'x')
    this.#message = publishFrames(target, body, settings.isPersistent)
    this.#bodyAt = this.#message.length - 1 - body.length
    wire.handlers = {
      acked: (tag, isMultiple) => {
        this.confirmed = isMultiple ? Math.max(this.confirmed, tag) : this.confirmed + 1
      },
    }
    this.#tick()
  }

  /** Begins at once. `rate` is in messages a second. */
  static async open(settings: Settings, target: Target, rate: number): Promise<PacedPublisher> {
    const wire = await Wire.open(settings.host, settings.port)
    await wire.confirms()
    return new PacedPublisher(wire, settings, target, rate)
  }

  /** When the message was due that a body is of: milliseconds of `performance.now()`. */
  static dueOf(bytes: Buffer, bodyStart: number): number {
    return bytes.readDoubleLE(bodyStart)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#wire.close()
  }

  #tick(): void {
    this.#timer = setTimeout(() => this.#tick(), TICK_MS)
    const due = Math.floor((performance.now() - this.#begin) * this.#perMs)
    const count = due - this.sent
    if (count <= 0) return
    const { length } = this.#message
    const bytes = Buffer.allocUnsafe(count * length).fill(this.#message)
    for (let index = 0; index < count; index++) {
      const dueAt = this.#begin + (this.sent + index) / this.#perMs
      bytes.writeDoubleLE(dueAt, index * length + this.#bodyAt)
    }
    this.#wire.write(bytes)
    this.sent = due
  }
}
