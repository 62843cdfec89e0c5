import type { Socket } from 'node:net'
import { Blocks } from '../lib/blocks.ts'
import { COPY_BYTES_MAX } from '../lib/bytes/index.ts'
import { givenBack } from '../lib/given-back.ts'
import { limits } from '../limits/limits.ts'
import type { Egress } from '../protocols/protocol.ts'

const SLAB_BYTES_MAX = 64 * 1024
/** Many connections never write more in a turn; one that does gets more, step by step. */
const SLAB_BYTES_MIN = 1024
const SLAB_GROWTH = 8

/** Of all connections: slabs of those that write much, for the next. */
const slabs = new Blocks(limits.freeEgressBytesMax)

/** Those that wrote in this turn: one timer for all costs less than one for each. */
let due: SocketEgress[] = []

function flushDue(): void {
  const egresses = due
  due = []
  // Who wrote last goes first: its request may have caused the others' writes, and it waits.
  for (let index = egresses.length - 1; index >= 0; index--) egresses[index]!.flush()
}

/** Collects what one turn of the event loop writes, and hands it to the kernel in one call. */
export class SocketEgress implements Egress {
  readonly #socket: Socket
  readonly #drained: () => void
  /** Made at the first write and given back when idle: a silent connection costs no slab. */
  #slab: Buffer | null = null
  #start = 0
  #end = 0
  /** Slabs before it, which the socket may have something of. */
  #before: Buffer[] = []
  /** Of the next slab. */
  #slabBytes = SLAB_BYTES_MIN
  #isScheduled = false
  /** More than one buffer is written in this turn: the socket takes them together. */
  #isCorked = false
  #isCongested = false
  #isEnding = false
  #wroteSinceTick = false
  readonly #written = (): void => this.#onWritten()

  /** `drained` is called once after each congestion, when there is room again. */
  constructor(socket: Socket, drained: () => void) {
    this.#socket = socket
    this.#drained = drained
  }

  get congested(): boolean {
    return this.#isCongested
  }

  /** Nothing more will be written. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  write(bytes: Buffer): void {
    if (!this.#isScheduled && !this.#begin()) return
    if (bytes.length > COPY_BYTES_MAX) {
      this.#pushMore()
      this.#socket.write(bytes)
      this.#look()
    } else {
      const slab = this.#room(bytes.length) // First: it may move the end.
      this.#end += bytes.copy(slab, this.#end)
    }
  }

  whenTaken(done: () => void): void {
    if (!this.#isScheduled && !this.#begin()) return
    this.#pushMore()
    this.#socket.write(EMPTY, error => {
      if (error == null) done()
    })
  }

  /** After the end, and to a peer that is gone, there is room too, though nothing is sent of it. */
  reserve(sizeBytes: number): Buffer {
    return this.#room(sizeBytes)
  }

  get position(): number {
    return this.#end
  }

  advance(end: number): void {
    if (!this.#isScheduled && !this.#begin()) return
    this.#end = end
  }

  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.flush()
    this.#socket.end()
    this.#socket.resume() // Otherwise a paused socket would never see the peer close.
  }

  destroy(): void {
    this.#isEnding = true
    this.#isScheduled = false
    this.#socket.destroy()
  }

  /** About once a second. */
  tick(): void {
    if (!this.#wroteSinceTick && this.pendingBytes === 0) {
      if (this.#slab !== null) this.#before.push(this.#slab)
      this.#slab = null
      this.#giveBack()
      this.#slabBytes = SLAB_BYTES_MIN
    }
    this.#wroteSinceTick = false
  }

  get pendingBytes(): number {
    return this.#socket.writableLength + this.#end - this.#start
  }

  /** The slab, with so many bytes free behind `#end`. */
  #room(sizeBytes: number): Buffer {
    if (this.#slab !== null && this.#end + sizeBytes > this.#slab.length) {
      this.#grow()
      if (this.#isScheduled) this.#pushMore()
      this.#before.push(this.#slab)
      this.#slab = null
    }
    if (this.#start === this.#end && this.#end > 0 && this.#socket.writableLength === 0) {
      // All of it reached the kernel: begin again at the front.
      if (this.#slab !== null) givenBack(this.#slab, 0, this.#end)
      this.#start = this.#end = 0
      this.#giveBack()
    }
    if (this.#slab === null) {
      // Not from Node's shared pool: what is written may wait long for a slow peer.
      while (this.#slabBytes < Math.min(sizeBytes, SLAB_BYTES_MAX)) this.#grow()
      const isLargest = this.#slabBytes === SLAB_BYTES_MAX
      this.#slab = isLargest ? slabs.take(SLAB_BYTES_MAX) : Buffer.allocUnsafeSlow(this.#slabBytes)
      this.#start = this.#end = 0
    }
    return this.#slab
  }

  /** The socket wrote all of them. One that was destroyed may not be done with them yet. */
  #giveBack(): void {
    if (this.#before.length === 0) return
    if (!this.#socket.destroyed)
      for (const slab of this.#before) if (slab.length === SLAB_BYTES_MAX) slabs.giveBack(slab)
    this.#before = []
  }

  #grow(): void {
    this.#slabBytes = Math.min(this.#slabBytes * SLAB_GROWTH, SLAB_BYTES_MAX)
  }

  /** The first write of a turn asks what the others need not. False: nobody is there to read it. */
  #begin(): boolean {
    if (this.#isEnding || !this.#socket.writable) return false
    this.#isScheduled = true
    this.#wroteSinceTick = true
    if (due.push(this) === 1) setImmediate(flushDue)
    this.#look()
    return true
  }

  /** What lies in the slab is little: it is enough to ask when the socket got something. */
  #look(): void {
    this.#isCongested ||= this.pendingBytes > limits.egressBytesHigh
  }

  /** There is more to come in this turn. */
  #pushMore(): void {
    this.#cork()
    this.#pushSlab()
    this.#look()
  }

  #cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#socket.cork()
  }

  /** Hands over what was written. */
  flush(): void {
    if (!this.#isScheduled) return
    this.#isScheduled = false
    if (!this.#socket.writable) return
    this.#look()
    // An empty last chunk carries the callback, so that a turn costs one, not one per buffer.
    if (this.#isCongested) this.#cork()
    this.#pushSlab()
    if (this.#isCongested) this.#socket.write(EMPTY, this.#written)
    if (this.#isCorked) this.#socket.uncork()
    this.#isCorked = false
  }

  /** The pushed part belongs to the socket now; writing continues behind it. */
  #pushSlab(): void {
    if (this.#slab === null || this.#end === this.#start) return
    this.#socket.write(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  #onWritten(): void {
    if (!this.#isCongested || this.#socket.destroyed) return
    if (this.pendingBytes > limits.egressBytesLow) return
    this.#isCongested = false
    this.#drained()
  }
}

const EMPTY = Buffer.alloc(0)
