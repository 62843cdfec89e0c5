import { method, methodId, uint8 } from './frames.ts'
import type { Settings } from './settings.ts'
import { type Handlers, Wire } from './wire.ts'

const ACK_BYTES = 21

/** Takes from its queues and acknowledges, all that one read brought in one write. */
export class Consumer {
  received = 0
  readonly #wire: Wire
  readonly #ackEvery: number
  #acks = Buffer.alloc(0)
  #end = 0
  #tagLast = 0
  #unacked = 0

  private constructor(wire: Wire, settings: Settings, body: Handlers['body']) {
    this.#wire = wire
    this.#ackEvery = settings.ackEvery
    wire.handlers = {
      delivered: tag => this.#delivered(tag),
      turnOver: () => this.#flush(),
      ...(body === undefined ? {} : { body }),
    }
  }

  static async open(
    settings: Settings,
    queues: readonly string[],
    body?: Handlers['body'],
  ): Promise<Consumer> {
    const wire = await Wire.open(settings.host, settings.port)
    const consumer = new Consumer(wire, settings, body)
    await wire.prefetch(settings.prefetch)
    for (const queue of queues) await wire.consume(queue)
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
