import type { Binding, ExchangeSpec } from './exchange.ts'

/** What happened to exchanges and bindings that survive a restart. */
export type RoutingEvent =
  | { readonly kind: 'declared'; readonly exchange: ExchangeSpec }
  /** Its bindings go with it, in both directions. */
  | { readonly kind: 'deleted'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'bound'; readonly binding: Binding }
  | { readonly kind: 'unbound'; readonly binding: Binding }
  /** The queue or topic of that name is gone, and with it all bindings to it. */
  | { readonly kind: 'abandoned'; readonly namespace: string; readonly name: string }
  /** The namespace is gone. */
  | { readonly kind: 'dropped'; readonly namespace: string }

/** These are small, so they are JSON: a dump of the log shows them as they are. */
export const encodeEvent = (event: RoutingEvent): Buffer => Buffer.from(JSON.stringify(event))
// Our own bytes, under the log's checksum.
export const decodeEvent = (bytes: Buffer): RoutingEvent =>
  JSON.parse(bytes.toString()) as RoutingEvent
