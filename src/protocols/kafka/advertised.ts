import type { Address, Peer } from '../protocol.ts'

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Where a client is told to find this broker: as configured, else where it is connected now. */
export function advertisedAddress(peer: Peer): Address {
  const { advertised } = peer.listener
  if (advertised !== null) return advertised
  const { host, port } = peer.local
  // Sockets that serve both families write IPv4 addresses the IPv6 way; old clients choke on it.
  return { host: MAPPED_IPV4.exec(host)?.[1] ?? host, port }
}
