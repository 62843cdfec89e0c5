import type { Address } from '../protocols/protocol.ts'
import type { ListenerOptions, TlsOptions } from '../server/index.ts'
import type { Values } from './config.ts'
import { ConfigError } from './errors.ts'
import type { ListenerEntry } from './schema.ts'

/** The listeners to open: those that were listed, or else the default ones. */
export function listenersOf(values: Values, given: ReadonlySet<string>): ListenerOptions[] {
  const listed = values.listeners as ListenerEntry[] | undefined
  const listeners =
    listed === undefined
      ? defaultListeners(values, given)
      : listed.map(from => fromEntry(from, values))
  refuseDoubles(listeners)
  if (values.insecure !== true) for (const listener of listeners) refuseOpen(listener)
  return listeners
}

/** Their clients log in, and the user that everybody knows may come from this machine only. */
const protocolsWithLogin: readonly string[] = ['amqp091', 'resp', 'disque']

/** Who can be reached from elsewhere without proof of identity: worth a warning even if allowed. */
export function isOpenToAnyone({ protocol, hosts, tls }: ListenerOptions): boolean {
  if (protocolsWithLogin.includes(protocol)) return false
  return !hosts.every(isLoopback) && tls?.clientCertificates !== 'required'
}

type DefaultProtocol = 'kafka' | 'amqp091' | 'resp' | 'disque'

function defaultListeners(values: Values, given: ReadonlySet<string>): ListenerOptions[] {
  const advertised = (values['kafka.advertised'] as Address | undefined) ?? null
  return [
    ...listenersFor('kafka', { plain: advertised, overTls: advertisedOverTls(values) }),
    ...listenersFor('amqp091', { plain: null, overTls: null }),
    ...listenersFor('resp', { plain: null, overTls: null }),
    ...listenersFor('disque', { plain: null, overTls: null }),
  ]

  function listenersFor(
    protocol: DefaultProtocol,
    advertised: { readonly plain: Address | null; readonly overTls: Address | null },
  ): ListenerOptions[] {
    const plain: ListenerOptions = {
      name: protocol,
      protocol,
      hosts: hostsOf(values.host as string),
      port: values[`${protocol}.port`] as number,
      advertised: advertised.plain,
      tls: null,
      isDefaultPort: !given.has(`${protocol}.port`),
    }
    const tlsPort = values[`${protocol}.tls-port`] as number | undefined
    if (values['tls.cert'] === undefined || tlsPort === undefined) return [plain]
    const overTls: ListenerOptions = {
      ...plain,
      name: `${protocol}-tls`,
      port: tlsPort,
      advertised: advertised.overTls,
      tls: tlsOf(`${protocol}-tls`, {}, values),
      isDefaultPort: !given.has(`${protocol}.tls-port`),
    }
    return [plain, overTls]
  }
}

/** The advertised host holds for both listeners, the port does not. */
function advertisedOverTls(values: Values): Address | null {
  const plain = values['kafka.advertised'] as Address | undefined
  return plain === undefined ? null : { host: plain.host, port: values['kafka.tls-port'] as number }
}

function fromEntry(entry: ListenerEntry, values: Values): ListenerOptions {
  const isTls = entry.tls !== false
  const name = entry.name ?? (isTls ? `${entry.protocol}-tls` : entry.protocol)
  return {
    name,
    protocol: entry.protocol,
    hosts: hostsOf(entry.host),
    port: entry.port,
    advertised: entry.advertised ?? null,
    tls: isTls ? tlsOf(name, typeof entry.tls === 'boolean' ? {} : entry.tls, values) : null,
    isDefaultPort: false,
  }
}

/** A listener's own TLS settings first, then those for all listeners. */
function tlsOf(listener: string, own: Exclude<ListenerEntry['tls'], boolean>, values: Values) {
  const key = own.key ?? (values['tls.key'] as string | undefined)
  const cert = own.cert ?? (values['tls.cert'] as string | undefined)
  if (key === undefined || cert === undefined)
    throw new ConfigError(
      `listener "${listener}": TLS needs tls.key and tls.cert, the paths of two PEM files; ` +
        `${key === undefined ? 'tls.key' : 'tls.cert'} is not set`,
    )
  const tls: TlsOptions = {
    key,
    cert,
    ca: own.ca ?? (values['tls.ca'] as string | undefined) ?? null,
    clientCertificates: (own['client-certificates'] ??
      values['tls.client-certificates']) as TlsOptions['clientCertificates'],
    versionMin: (own['version-min'] ?? values['tls.version-min']) as TlsOptions['versionMin'],
  }
  return tls
}

/** Both families: clients that are told "localhost" try ::1 first. */
const hostsOf = (host: string): string[] => (host === 'localhost' ? ['127.0.0.1', '::1'] : [host])

const isLoopback = (host: string): boolean =>
  host === '::1' || host === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(host)

function refuseDoubles(listeners: readonly ListenerOptions[]): void {
  const names = new Set<string>()
  for (const { name } of listeners) {
    if (names.has(name))
      throw new ConfigError(`listeners: two are named "${name}"; give one of them another name`)
    names.add(name)
  }
}

function refuseOpen(listener: ListenerOptions): void {
  if (!isOpenToAnyone(listener)) return
  throw new ConfigError(
    `listener "${listener.name}" on ${listener.hosts.join(', ')} would let everybody who reaches ` +
      'this machine read and write everything. What would work: listen on localhost; or demand ' +
      'client certificates (tls.client-certificates: required); or allow it knowingly with ' +
      '"insecure: true" (--insecure, SABIR_INSECURE=true)',
  )
}
