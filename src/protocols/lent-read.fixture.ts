import type { Connection } from './protocol.ts'

/** Hands over what was read as a socket does: who only borrows it finds nonsense there later. */
export function receiveLent(connection: Connection, bytes: Buffer): void {
  if (connection.borrowsReads !== true) return connection.receive(bytes)
  const read = Buffer.from(bytes)
  connection.receive(read)
  read.fill(0xdb)
}
