import { publishFrames, type Target } from './frames.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const CHUNK_BYTES = 48 * 1024

/** Publishes as fast as confirms come back. Chunks are made once and sent again and again. */
export class Publisher {
  confirmed = 0
  sent = 0
  /** Not above this: how a backlog ends, and how consumers are not left behind. */
  sentMax = Number.POSITIVE_INFINITY
  readonly #wire: Wire
  readonly #window: number
  readonly #chunks: readonly { readonly bytes: Buffer; readonly count: number }[]
  #next = 0

  private constructor(wire: Wire, settings: Settings, targets: readonly Target[]) {
    this.#wire = wire
    this.#window = settings.window
    this.#chunks = makeChunks(settings, targets)
    wire.handlers = {
      acked: (tag, isMultiple) => {
        this.confirmed = isMultiple ? Math.max(this.confirmed, tag) : this.confirmed + 1
      },
      turnOver: () => this.pump(),
    }
    wire.onDrain(() => this.pump())
  }

  /** Targets are written to in turn. */
  static async open(settings: Settings, targets: readonly Target[]): Promise<Publisher> {
    const wire = await Wire.open(settings.host, settings.port)
    await wire.confirms()
    return new Publisher(wire, settings, targets)
  }

  pump(): void {
    for (;;) {
      const { bytes, count } = this.#chunks[this.#next]!
      if (this.sent - this.confirmed + count > this.#window && this.sent > this.confirmed) return
      if (this.sent + count > this.sentMax || this.#wire.isCongested) return
      this.#wire.write(bytes)
      this.sent += count
      this.#next = (this.#next + 1) % this.#chunks.length
    }
  }

  close(): void {
    this.#wire.close()
  }
}

/** Every target once in turn, again and again until there are enough for a write. */
function makeChunks(
  settings: Settings,
  targets: readonly Target[],
): { bytes: Buffer; count: number }[] {
  const body = Buffer.alloc(settings.bodyBytes, 'x')
  const chunks: { bytes: Buffer; count: number }[] = []
  let messages: Buffer[] = []
  let bytes = 0
  let index = 0
  do {
    const message = publishFrames(targets[index]!, body, settings.isPersistent)
    messages.push(message)
    bytes += message.length
    index = (index + 1) % targets.length
    if (bytes >= CHUNK_BYTES || messages.length >= settings.window) {
      chunks.push({ bytes: Buffer.concat(messages), count: messages.length })
      messages = []
      bytes = 0
    }
  } while (index !== 0 || chunks.length === 0)
  if (messages.length > 0) chunks.push({ bytes: Buffer.concat(messages), count: messages.length })
  return chunks
}
