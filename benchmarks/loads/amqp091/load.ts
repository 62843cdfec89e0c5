import { method, methodId, publishFrames, uint8 } from './frames.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const CHUNK_BYTES = 48 * 1024

export const queueName = (index: number): string => `bench-${index}`

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

  private constructor(wire: Wire, settings: Settings) {
    this.#wire = wire
    this.#window = settings.window
    this.#chunks = makeChunks(settings)
    wire.handlers = {
      acked: (tag, isMultiple) => {
        this.confirmed = isMultiple ? Math.max(this.confirmed, tag) : this.confirmed + 1
      },
      turnOver: () => this.pump(),
    }
    wire.onDrain(() => this.pump())
  }

  static async open(settings: Settings): Promise<Publisher> {
    const wire = await Wire.open(settings.host, settings.port)
    await wire.confirms()
    return new Publisher(wire, settings)
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

/** Every queue once in turn, again and again until there are enough for a write. */
function makeChunks(settings: Settings): { bytes: Buffer; count: number }[] {
  const body = Buffer.alloc(settings.bodyBytes, 'x')
  const chunks: { bytes: Buffer; count: number }[] = []
  let messages: Buffer[] = []
  let bytes = 0
  let index = 0
  do {
    const message = publishFrames(queueName(index), body, settings.isPersistent)
    messages.push(message)
    bytes += message.length
    index = (index + 1) % settings.queues
    if (bytes >= CHUNK_BYTES || messages.length >= settings.window) {
      chunks.push({ bytes: Buffer.concat(messages), count: messages.length })
      messages = []
      bytes = 0
    }
  } while (index !== 0 || chunks.length === 0)
  if (messages.length > 0) chunks.push({ bytes: Buffer.concat(messages), count: messages.length })
  return chunks
}

const ACK_BYTES = 21

/** Takes from one queue and acknowledges, all that one read brought in one write. */
export class Consumer {
  received = 0
  readonly #wire: Wire
  readonly #ackEvery: number
  #acks = Buffer.alloc(0)
  #end = 0
  #tagLast = 0
  #unacked = 0

  private constructor(wire: Wire, settings: Settings) {
    this.#wire = wire
    this.#ackEvery = settings.ackEvery
    wire.handlers = {
      delivered: tag => this.#delivered(tag),
      turnOver: () => this.#flush(),
    }
  }

  static async open(settings: Settings, queue: string): Promise<Consumer> {
    const wire = await Wire.open(settings.host, settings.port)
    const consumer = new Consumer(wire, settings)
    await wire.consume(queue, settings.prefetch)
    return consumer
  }

  close(): void {
    this.#wire.close()
  }

  #delivered(tag: number): void {
    this.received++
    this.#tagLast = tag
    if (++this.#unacked < this.#ackEvery) return
    this.#ack(tag, this.#ackEvery > 1)
  }

  #ack(tag: number, isMultiple: boolean): void {
    this.#unacked = 0
    if (this.#end + ACK_BYTES > this.#acks.length) {
      this.#send()
      this.#acks = Buffer.alloc(ACK_BYTES * 4096, ackTemplate)
    }
    this.#acks.writeUInt32BE(Math.floor(tag / 2 ** 32), this.#end + 11)
    this.#acks.writeUInt32BE(tag >>> 0, this.#end + 15)
    this.#acks[this.#end + 19] = isMultiple ? 1 : 0
    this.#end += ACK_BYTES
  }

  /** Also what is left of a group, or a small prefetch would stand still. */
  #flush(): void {
    if (this.#unacked > 0) this.#ack(this.#tagLast, true)
    this.#send()
  }

  #send(): void {
    if (this.#end === 0) return
    this.#wire.write(this.#acks.subarray(0, this.#end))
    this.#acks = this.#acks.subarray(this.#end)
    this.#end = 0
  }
}

const ackTemplate = method(1, methodId.ack, Buffer.alloc(8), uint8(0))
