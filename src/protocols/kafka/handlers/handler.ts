import type { Broker } from '../../../broker/broker.ts'
import type { Peer } from '../../protocol.ts'
import type { Api, DraftOf, Fields, ShapeOf } from '../schema/dsl.ts'
import type { ClosingCalls } from '../closing-calls.ts'
import type { Services } from '../services.ts'

/** What a handler may use: one per request. Addresses and the time come from the peer. */
export type Context = {
  readonly broker: Broker
  readonly peer: Peer
  readonly client: Client
  readonly services: Services
  /** The version of the request, for answers that depend on it beyond their fields. */
  readonly version: number
  /** As the request names it; empty when it names none. */
  readonly clientId: string
  /**
   * Called once the answer was written, to use again what it was made of; never when the client is
   * gone before. For the handler to set.
   */
  whenWritten: (() => void) | null
}

/** What is remembered of one connection between its requests. */
export type Client = {
  /** As the client introduced itself in ApiVersions, or empty. */
  softwareName: string
  softwareVersion: string
  /** Its address the way Kafka prints it, "/127.0.0.1". */
  readonly host: string
  /** Called once when the connection is gone, to end what still waits on its behalf. */
  readonly whenClosed: ClosingCalls
}

/** Null means that the client expects no response (Produce with acks=0). */
export type Answer<Response> = Response | null | Promise<Response | null>

/** A handler whose tables are no longer known to the compiler: what the registry holds. */
export type Handler = {
  readonly api: Api<Fields, Fields>
  readonly versions: readonly [first: number, last: number]
  answer(request: unknown, context: Context): Answer<unknown>
}

/**
 * Ties a table to the code that answers it, and says which versions we serve. Requests of one
 * connection are started in order of arrival and answered in that order, but several may be in
 * progress: what must not be overtaken is to be done before the first `await`. What is thrown
 * closes the connection: failures the client should know of belong in the response.
 */
export function handler<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  versions: readonly [first: number, last: number],
  answer: (request: ShapeOf<Request>, context: Context) => Answer<DraftOf<Response>>,
): Handler {
  // The codec of the same table made the request, so its type is known again here.
  return { api, versions, answer: answer as Handler['answer'] } as unknown as Handler
}

/** A request that can only be answered by closing the connection. The message is for the log. */
export class ClosingError extends Error {
  override readonly name = 'ClosingError'
}
