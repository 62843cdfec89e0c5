import { Socket } from 'node:net'
import { givenBack } from '../lib/given-back.ts'

const READ_BYTES = 64 * 1024
/** Of all sockets: what was read is handed on before anything else is read. */
let shared: Buffer | null = null

/** What Node keeps in a socket that was accepted, and does not declare. */
type Insides = { _handle: { useUserBuffer?: unknown } | null; _server: unknown }

/**
 * The same connection, for which all sockets read into one buffer: `receive` is lent what came and
 * has to copy what it keeps. Otherwise each read makes a buffer outside of the heap, and those are
 * what a busy broker's heap is collected for several times a second. Node offers it to sockets that
 * connect (`onread`), not to those that are accepted: so another socket takes over the accepted
 * one's handle. Null where that cannot be: over TLS, or on Windows, where a read takes its buffer
 * long before it is done.
 */
export function lendReads(accepted: Socket, receive: (bytes: Buffer) => void): Socket | null {
  const from = accepted as unknown as Insides
  const handle = from._handle
  const isPlain = accepted.constructor === Socket && typeof handle?.useUserBuffer === 'function'
  if (!isPlain || process.platform === 'win32') return null
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES)
  const buffer = shared
  const callback = (readBytes: number): boolean => {
    receive(buffer.subarray(0, readBytes))
    givenBack(buffer, 0, readBytes)
    return true
  }
  const socket = new Socket({ handle, onread: { buffer, callback } } as object)
  const to = socket as unknown as Insides
  to._server = from._server // It counts its connections, and waits for them when it closes.
  from._server = null
  from._handle = null
  socket.resume() // Nothing is to be read of it as a stream but the end.
  return socket
}
