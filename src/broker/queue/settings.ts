/**
 * What can be set for a queue, whichever protocol or policy sets it. Null is "not set".
 * The keys a policy uses are RabbitMQ's (`message-ttl`); `queueSettingsOf` reads them.
 */
export type QueueSettings = {
  /** A message expires so long after it arrived, in milliseconds. */
  readonly messageTtlMs: number | null
  /** The queue goes when nobody used it for so long, in milliseconds. */
  readonly expiresMs: number | null
  /** Ready messages, and bytes of their bodies. */
  readonly lengthMax: number | null
  readonly lengthBytesMax: number | null
  readonly overflow: 'drop-head' | 'reject-publish' | 'reject-publish-dlx'
  readonly deadLetterExchange: string | null
  /** Null: the message keeps its own. */
  readonly deadLetterRoutingKey: string | null
  readonly deadLetterStrategy: 'at-most-once' | 'at-least-once'
  /** A message returned more often dies. */
  readonly deliveryLimit: number | null
  /** Which returns count: RabbitMQ's quorum queues count rejections and failures only. */
  readonly priorityMax: number
  readonly isSingleActive: boolean
  /** One consumer at a time for each message key, in order. */
  readonly isGrouped: boolean
  readonly retry: RetryPolicy | null
  /** Consumed messages stay readable for so long or so much. Null for both: they go at once. */
  readonly retentionMs: number | null
  readonly retentionBytes: number | null
  /** A delivery not settled for so long cancels its consumer, in milliseconds. */
  readonly consumerTimeoutMs: number | null
  /** Which end of the list is handed out first. Null: who begins to push decides. */
  readonly listHead: 'left' | 'right' | null
  /** What is popped as from a list comes back if it is not done after so many milliseconds. */
  readonly visibilityTimeoutMs: number | null
}

/** Nothing set. */
export const queueSettingsDefault: QueueSettings = {
  messageTtlMs: null,
  expiresMs: null,
  lengthMax: null,
  lengthBytesMax: null,
  overflow: 'drop-head',
  deadLetterExchange: null,
  deadLetterRoutingKey: null,
  deadLetterStrategy: 'at-most-once',
  deliveryLimit: null,
  priorityMax: 0,
  isSingleActive: false,
  isGrouped: false,
  retry: null,
  retentionMs: null,
  retentionBytes: null,
  consumerTimeoutMs: null,
  listHead: null,
  visibilityTimeoutMs: null,
}

/** When what came back is handed out again. */
export type RetryPolicy = {
  /** Which returns are delayed: those of failed consumers and rejections, plain returns, or all. */
  readonly applies: 'all' | 'failed' | 'returned'
  /** The delay before attempt n: `min * n`, `min * 2 ** (n - 1)`, or the n-th of a table. */
  readonly backoff: 'linear' | 'exponential' | readonly number[]
  readonly delayMsMin: number
  readonly delayMsMax: number
}
