import { BrokerError, type BrokerErrorKind } from '../../broker/errors.ts'
import { MalformedError } from '../../lib/bytes/index.ts'
import { StoreRefusedError } from '../../log/store.ts'
import { type ReplyName, replyCode, softErrors } from './constants.ts'

/** What a client did that closes its channel, or its connection if the code says so. */
export class AmqpError extends Error {
  override readonly name = 'AmqpError'
  readonly reply: ReplyName

  /** `text` is without the reply's name, which goes in front of it on the wire. */
  constructor(reply: ReplyName, text: string, options?: ErrorOptions) {
    super(text, options)
    this.reply = reply
  }

  get code(): number {
    return replyCode[this.reply]
  }

  /** As clients parse it: "NOT_FOUND - no queue 'x' in vhost '/'". */
  get replyText(): string {
    return `${this.reply} - ${this.message}`
  }

  get closesConnection(): boolean {
    return !softErrors.has(this.reply)
  }
}

/** `satisfies` makes a new broker kind a compile error here. Handlers may be more precise. */
export const amqpReply = {
  'not-found': 'NOT_FOUND',
  'already-exists': 'PRECONDITION_FAILED',
  'access-refused': 'ACCESS_REFUSED',
  'precondition-failed': 'PRECONDITION_FAILED',
  'too-large': 'PRECONDITION_FAILED',
  throttled: 'RESOURCE_ERROR',
  malformed: 'SYNTAX_ERROR',
  'invalid-name': 'PRECONDITION_FAILED',
  'invalid-partitions': 'PRECONDITION_FAILED',
  'invalid-setting': 'PRECONDITION_FAILED',
  'wrong-type': 'PRECONDITION_FAILED',
  'out-of-range': 'PRECONDITION_FAILED',
  unsupported: 'NOT_IMPLEMENTED',
  fenced: 'RESOURCE_LOCKED',
  unavailable: 'RESOURCE_ERROR',
  // Not the connection: what only reads may go on.
  storage: 'PRECONDITION_FAILED',
  internal: 'INTERNAL_ERROR',
} as const satisfies Record<BrokerErrorKind, ReplyName>

/** Whatever a handler threw, as the client is told. A broken invariant is not told, but thrown. */
export function amqpErrorOf(thrown: unknown): AmqpError {
  if (thrown instanceof AmqpError) return thrown
  if (thrown instanceof MalformedError) return new AmqpError('FRAME_ERROR', thrown.message)
  if (thrown instanceof StoreRefusedError) return new AmqpError(amqpReply.storage, thrown.message)
  const error = BrokerError.from(thrown)
  return new AmqpError(amqpReply[error.kind], error.message, { cause: error.cause })
}
