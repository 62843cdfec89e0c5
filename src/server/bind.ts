import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions as NodeTlsOptions } from 'node:tls'
import { StartError, type ListenerOptions } from './options.ts'

/** How often a free port of one address family turns out to be taken in the other. */
const FREE_PORT_ATTEMPTS = 20
const BACKLOG = 511

export type Accept = (socket: Socket) => void
export type Bound = {
  readonly servers: readonly Server[]
  readonly hosts: readonly string[]
  readonly port: number
}

/** The port is taken on one of the addresses at least. */
export class PortTakenError extends StartError {}

/**
 * Listens on all addresses at one port, or on none. A port that is taken in one address family only
 * counts as taken: `localhost` means both, and half of the clients would reach another program.
 */
export async function bind(
  options: ListenerOptions,
  tls: NodeTlsOptions | null,
  accept: Accept,
): Promise<Bound> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bindOnce(options, tls, accept)
    } catch (error) {
      const mayRetry = options.port === 0 && attempt < FREE_PORT_ATTEMPTS
      if (!(error instanceof PortTakenError && mayRetry)) throw error
    }
  }
}

async function bindOnce(
  options: ListenerOptions,
  tls: NodeTlsOptions | null,
  accept: Accept,
): Promise<Bound> {
  const servers: Server[] = []
  const hosts: string[] = []
  let { port } = options
  try {
    for (const [index, host] of options.hosts.entries()) {
      const server = makeServer(tls, accept)
      try {
        await listen(server, host, port)
      } catch (error) {
        // A machine without IPv6 has no ::1; that is no reason not to serve 127.0.0.1.
        if (isMissingFamily(error) && options.hosts.length > 1 && index > 0) continue
        throw explained(error, options, host)
      }
      servers.push(server)
      hosts.push(host)
      port = boundPort(server)
    }
  } catch (error) {
    await Promise.all(servers.map(unlisten))
    throw error
  }
  return { servers, hosts, port }
}

function makeServer(tls: NodeTlsOptions | null, accept: Accept): Server {
  const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }
  return tls === null
    ? // Who accepts says how it is read.
      createServer({ ...socketOptions, pauseOnConnect: true }, accept)
    : createTlsServer({ ...tls, ...socketOptions }, accept)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Without ipv6Only a listener on :: would take 0.0.0.0 along and collide with one there.
    server.listen({ host, port, backlog: BACKLOG, ipv6Only: host !== '::' }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Stops taking new connections; those that are there live on. */
export function unlisten(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
  })
}

function boundPort(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

const isMissingFamily = (error: unknown): boolean =>
  codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'EAFNOSUPPORT'

function explained(error: unknown, { name, port }: ListenerOptions, host: string): StartError {
  const what = `listener "${name}" cannot listen on ${host} port ${port}`
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new PortTakenError(
        `${what}: another program has the port. Stop that program, or give another port.`,
      )
    case 'EACCES':
      return new StartError(`${what}: ports below 1024 need privileges. Give a higher port.`)
    case 'EADDRNOTAVAIL':
      return new StartError(`${what}: this machine has no such address.`)
    case 'ENOTFOUND':
      return new StartError(`${what}: the name does not resolve to an address.`)
    default:
      return new StartError(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
