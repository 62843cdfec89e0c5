import type { Address } from '../protocols/protocol.ts'

/** One way in: a port on some addresses, and the protocol spoken there. */
export type ListenerOptions = {
  readonly name: string
  /** Bound in order, all at the same port. */
  readonly hosts: readonly string[]
  /** 0 takes any free port. */
  readonly port: number
  /** A protocol's name, or "auto": recognised by a connection's first bytes. */
  readonly protocol: string
  readonly tls: TlsOptions | null
  /** Where clients are told to find it; null: where they connected. */
  readonly advertised: Address | null
  /** Nobody chose this port: when it is taken, the listener is skipped instead of failing. */
  readonly isDefaultPort: boolean
}

/** Paths of PEM files, and what is demanded of the peer. */
export type TlsOptions = {
  readonly key: string
  readonly cert: string
  readonly ca: string | null
  readonly clientCertificates: 'none' | 'optional' | 'required'
  readonly versionMin: 'TLSv1.2' | 'TLSv1.3'
}

/** What a listener turned out to listen on. */
export type BoundListener = {
  readonly name: string
  readonly protocol: string
  readonly isTls: boolean
  readonly port: number
  readonly hosts: readonly string[]
  readonly advertised: Address | null
}

/** The start cannot go on, and the operator can do something about it. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
