/** How an exchange chooses. The names are those its clients use; unknown ones are refused. */
export const exchangeTypes = [
  'direct',
  'fanout',
  'topic',
  'headers',
  'x-consistent-hash',
  'x-modulus-hash',
  'x-random',
  'x-local-random',
  'x-recent-history',
  'x-delayed-message',
] as const
export type ExchangeType = (typeof exchangeTypes)[number]

export type ExchangeSpec = {
  readonly namespace: string
  readonly name: string
  readonly type: ExchangeType
  readonly isDurable: boolean
  readonly isAutoDelete: boolean
  /** Fed by other exchanges only. */
  readonly isInternal: boolean
  /** As declared, for lists and for declaring again: JSON values. */
  readonly declared: Readonly<Record<string, unknown>>
  readonly user: string
}

/** What is in force for an exchange, from its declaration and policies. */
export type ExchangeSettings = {
  /** Where messages go that no binding matches; an exchange of the same namespace, or null. */
  readonly alternateExchange: string | null
}

export interface Exchange {
  readonly spec: ExchangeSpec
  readonly settings: ExchangeSettings
  readonly isDeleted: boolean
  /** Messages that came in and went on, for lists. */
  readonly publishedIn: number
  readonly publishedOut: number
}

export type Binding = {
  readonly namespace: string
  /** The exchange; empty for the default one. */
  readonly source: string
  readonly destination: string
  /** `queue` is also a topic that no queue is declared for. */
  readonly destinationKind: 'queue' | 'exchange'
  readonly routingKey: string
  readonly declared: Readonly<Record<string, unknown>>
}

/** What a message is routed to, kept for the next one with the same address. */
export interface Route {
  readonly namespace: string
  readonly exchange: string
  readonly routingKey: string
  /** True once bindings, exchanges or queues changed: ask for it again. */
  isStale: boolean
}
