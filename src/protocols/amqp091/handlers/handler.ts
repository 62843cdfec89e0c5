import type { Channel } from '../channel.ts'
import { readMethod } from '../codec/index.ts'
import type { Fields, Method, ShapeOf } from '../schema/index.ts'

/** A handler whose table is no longer known to the compiler: what the registry holds. */
export type Handler = {
  readonly method: Method
  handle(channel: Channel, bytes: Buffer, start: number, end: number): void
}

/**
 * Ties a table to the code that does what the method asks, and replies. What is thrown closes the
 * channel, or the connection if it is that bad.
 */
export function handler<F extends Fields>(
  method: Method<F>,
  handle: (fields: ShapeOf<F>, channel: Channel) => void,
): Handler {
  return {
    method: method as unknown as Method,
    handle: (channel, bytes, start, end) => handle(readMethod(method, bytes, start, end), channel),
  }
}
