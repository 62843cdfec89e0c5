import type { Millis } from '../lib/brand.ts'
import type { Logger } from '../lib/logger.ts'

/** One wire protocol, as the server sees it. Protocols do not know each other. */
export interface Protocol {
  readonly name: string
  readonly port: number
  /** The usual port of the protocol over TLS, or null when there is none. */
  readonly tlsPort: number | null
  /** Looks at a connection's first bytes, for a port that serves several protocols. */
  detect(prefix: Buffer): 'yes' | 'no' | 'unsure'
  connect(peer: Peer): Connection
}

/** All that a connection may use: the wire before it, and the time. The broker it knows already. */
export interface Peer {
  readonly egress: Egress
  readonly remote: Address
  /** What the client connected to. */
  readonly local: Address
  /** The listener's name, and where clients are told to find it; null: where they connected. */
  readonly listener: { readonly name: string; readonly advertised: Address | null }
  readonly isTls: boolean
  /** What the peer's certificate says, if an authority that we trust signed it; else null. */
  readonly certificate: PeerCertificate | null
  readonly logger: Logger
  now(): Millis
  /** Stops and starts reading from the peer: how a fast producer is slowed down. Idempotent. */
  pause(): void
  resume(): void
}

export type PeerCertificate = {
  readonly commonName: string
  /** As RFC 4514 writes it: `CN=anna,O=Example`. */
  readonly subject: string
}

export type Address = { readonly host: string; readonly port: number }

/** The server calls, the connection answers through its egress. No socket, timer or file. */
export interface Connection {
  /** It keeps nothing of what `receive` is given: the memory is used for the next read. */
  readonly borrowsReads?: boolean
  /** Bytes from the peer, to keep if need be; but a small slice kept pins the whole read. */
  receive(bytes: Buffer): void
  /** Called about once a second: heartbeats, keep-alive, idle timeouts. */
  tick(now: Millis): void
  /** The egress was congested and has room again. */
  drained(): void
  /** The broker is stopping: finish what was begun, take nothing new. */
  stopping(): void
  /** The peer is gone, whatever the reason. */
  closed(): void
}

export interface Egress {
  /** Up to `COPY_BYTES_MAX` bytes are copied, more are kept until written: never change those. */
  write(bytes: Buffer): void
  /**
   * Calls `done` once all that was written so far was taken by the operating system: whose memory
   * it was may fill it again. Never, when the peer is gone before.
   */
  whenTaken(done: () => void): void
  /**
   * Room for `sizeBytes`, at most `EGRESS_RESERVE_BYTES_MAX`, in a buffer to encode into from
   * `position` on. `advance` sends what lies there up to `end`; nothing else is written in between.
   */
  reserve(sizeBytes: number): Buffer
  readonly position: number
  advance(end: number): void
  /** True while the peer reads too slowly. Deliveries pause; replies still go out. */
  readonly congested: boolean
  /** Written, and not taken by the operating system yet. */
  readonly pendingBytes: number
  /** Closes after what was written went out. */
  end(): void
  /** Closes at once. */
  destroy(): void
}

/** More than that is encoded elsewhere and written by reference. */
export const EGRESS_RESERVE_BYTES_MAX = 16 * 1024
