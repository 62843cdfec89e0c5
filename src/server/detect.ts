import type { Millis } from '../lib/brand.ts'
import { MalformedError } from '../lib/bytes/reader.ts'
import type { Connection, Peer, Protocol } from '../protocols/protocol.ts'

/** No protocol needs more bytes to be told from the others. */
const PREFIX_BYTES_MAX = 64
/** A peer that says nothing recognisable for so long is sent away. */
const SILENCE_MS_MAX = 10_000

/** Stands in for a connection until the first bytes tell which protocol the peer speaks. */
export class Detection implements Connection {
  readonly #protocols: readonly Protocol[]
  readonly #peer: Peer
  readonly #startedAt: Millis
  #prefix: Buffer = Buffer.alloc(0)
  #found: Connection | null = null

  constructor(protocols: readonly Protocol[], peer: Peer) {
    this.#protocols = protocols
    this.#peer = peer
    this.#startedAt = peer.now()
  }

  get borrowsReads(): boolean {
    return this.#found?.borrowsReads === true
  }

  receive(bytes: Buffer): void {
    if (this.#found !== null) return this.#found.receive(bytes)
    this.#prefix = this.#prefix.length === 0 ? bytes : Buffer.concat([this.#prefix, bytes])
    const protocol = this.#recognise()
    if (protocol === undefined) return
    this.#found = protocol.connect(this.#peer)
    const prefix = this.#prefix
    this.#prefix = Buffer.alloc(0)
    this.#found.receive(prefix)
  }

  tick(now: Millis): void {
    if (this.#found !== null) return this.#found.tick(now)
    if (now - this.#startedAt < SILENCE_MS_MAX) return
    this.#peer.logger.debug({}, 'closed: the peer did not say which protocol it speaks')
    this.#peer.egress.destroy()
  }

  drained(): void {
    this.#found?.drained()
  }

  stopping(): void {
    if (this.#found === null) this.#peer.egress.destroy()
    else this.#found.stopping()
  }

  closed(): void {
    this.#found?.closed()
  }

  /** The first protocol that is sure; undefined while one may still become sure. */
  #recognise(): Protocol | undefined {
    let mayWait = false
    for (const protocol of this.#protocols) {
      const answer = protocol.detect(this.#prefix)
      if (answer === 'yes') return protocol
      mayWait ||= answer === 'unsure'
    }
    if (mayWait && this.#prefix.length < PREFIX_BYTES_MAX) return undefined
    const names = this.#protocols.map(protocol => protocol.name).join(', ')
    throw new MalformedError(
      `the first bytes (${this.#prefix.toString('hex', 0, 16)}) are of no protocol of: ${names}`,
    )
  }
}
