/** Names and numbers as AMQP 0-9-1, section 4.2.3, and RabbitMQ's extensions spell them. */
export const frameType = { METHOD: 1, HEADER: 2, BODY: 3, HEARTBEAT: 8 } as const
export const FRAME_END = 206
/** Type, channel and size in front, the end octet behind. */
export const FRAME_HEAD_BYTES = 7
export const FRAME_OVERHEAD_BYTES = 8
/** Class, weight, body size: what precedes the property flags of a content header. */
export const CONTENT_HEAD_BYTES = 12

export const PROTOCOL_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])

/** RabbitMQ's answers to connection.tune when nobody changes them. */
export const CHANNEL_MAX = 2047
export const FRAME_MAX = 131_072
export const HEARTBEAT_SECONDS = 60
/** Smaller ones cannot be negotiated. RabbitMQ's is 8192 since 4.1; old clients want 4096. */
export const FRAME_MIN = 4096
/** Frames before tune-ok: room for a token in start-ok, and no more for strangers. */
export const FRAME_HANDSHAKE_MAX = 16_384

/** Section 1.2, and 311 to 541 of RabbitMQ. */
export const replyCode = {
  REPLY_SUCCESS: 200,
  CONTENT_TOO_LARGE: 311,
  NO_ROUTE: 312,
  NO_CONSUMERS: 313,
  CONNECTION_FORCED: 320,
  INVALID_PATH: 402,
  ACCESS_REFUSED: 403,
  NOT_FOUND: 404,
  RESOURCE_LOCKED: 405,
  PRECONDITION_FAILED: 406,
  FRAME_ERROR: 501,
  SYNTAX_ERROR: 502,
  COMMAND_INVALID: 503,
  CHANNEL_ERROR: 504,
  UNEXPECTED_FRAME: 505,
  RESOURCE_ERROR: 506,
  NOT_ALLOWED: 530,
  NOT_IMPLEMENTED: 540,
  INTERNAL_ERROR: 541,
} as const
export type ReplyName = Exclude<keyof typeof replyCode, 'REPLY_SUCCESS'>

/** Those that close the channel only; all others close the connection. */
export const softErrors: ReadonlySet<ReplyName> = new Set<ReplyName>([
  'CONTENT_TOO_LARGE',
  'NO_ROUTE',
  'NO_CONSUMERS',
  'ACCESS_REFUSED',
  'NOT_FOUND',
  'RESOURCE_LOCKED',
  'PRECONDITION_FAILED',
])

export const classId = {
  CONNECTION: 10,
  CHANNEL: 20,
  ACCESS: 30,
  EXCHANGE: 40,
  QUEUE: 50,
  BASIC: 60,
  CONFIRM: 85,
  TX: 90,
} as const
