import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Address } from '../protocols/protocol.ts'

/** Paths of PEM files. Without `ca` the system's authorities are trusted. */
export type DialTls = {
  readonly ca: string | null
  readonly key: string | null
  readonly cert: string | null
}

const TIMEOUT_MS = 10_000

/** Connects to a broker, for the commands that talk to one. */
export function dial(address: Address, tls: DialTls | null): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tls === null ? connect(address) : connectTls(tlsOptions(address, tls))
    socket.setNoDelay(true)
    socket.setTimeout(TIMEOUT_MS, () => {
      socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`))
    })
    socket.once('error', reject)
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      socket.setTimeout(0)
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function tlsOptions({ host, port }: Address, { ca, key, cert }: DialTls): ConnectionOptions {
  const options: ConnectionOptions = { host, port }
  if (isIP(host) === 0) options.servername = host
  if (ca !== null) options.ca = readFileSync(ca)
  if (key !== null) options.key = readFileSync(key)
  if (cert !== null) options.cert = readFileSync(cert)
  return options
}
