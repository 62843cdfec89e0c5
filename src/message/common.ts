/** A value of a header, whatever protocol it came with. */
export type CommonValue =
  | string
  | number
  | bigint
  | boolean
  | Buffer
  | null
  | { readonly kind: 'timestamp'; readonly millis: number }
  | { readonly kind: 'decimal'; readonly scale: number; readonly unscaled: number }
  | readonly CommonValue[]
  | ReadonlyMap<string, CommonValue>

/**
 * What all protocols can say of a message, beside its body. Null: not said. A protocol's mapping
 * goes to and from this, and only when reader and writer speak different protocols, or when a
 * router has to look at headers.
 */
export type CommonProperties = {
  readonly key: Buffer | null
  readonly contentType: string | null
  readonly contentEncoding: string | null
  readonly messageId: string | null
  readonly correlationId: string | null
  readonly replyTo: string | null
  /** What the message is, to the application: AMQP's type, JMSType, a subject. */
  readonly subject: string | null
  readonly userId: string | null
  readonly appId: string | null
  /** Milliseconds since 1970, as the sender says. */
  readonly timestamp: number | null
  readonly priority: number | null
  /** Milliseconds from publishing on. */
  readonly ttlMs: number | null
  readonly isPersistent: boolean
  readonly headers: ReadonlyMap<string, CommonValue>
}

/** Nothing is said. */
export const propertiesNone: CommonProperties = {
  key: null,
  contentType: null,
  contentEncoding: null,
  messageId: null,
  correlationId: null,
  replyTo: null,
  subject: null,
  userId: null,
  appId: null,
  timestamp: null,
  priority: null,
  ttlMs: null,
  isPersistent: false,
  headers: new Map(),
}
