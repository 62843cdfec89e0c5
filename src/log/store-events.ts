import type { SegmentChange } from './internals.ts'
import type { LogId, LogPolicy } from './store.ts'
import type { Offset } from '../lib/brand.ts'

/** What the store itself writes into the chain: rare, so readable text is worth more than bytes. */
export type StoreEvent =
  | { readonly kind: 'log-created'; readonly log: LogId; readonly policy: LogPolicy }
  | { readonly kind: 'policy-set'; readonly log: LogId; readonly policy: LogPolicy }
  | { readonly kind: 'log-deleted'; readonly log: LogId }
  | { readonly kind: 'log-truncated'; readonly log: LogId; readonly before: Offset }
  | { readonly kind: 'segments-changed'; readonly change: SegmentChange }

export const encodeStoreEvent = (event: StoreEvent): Buffer => Buffer.from(JSON.stringify(event))

/** Only for bytes this store wrote, whose checksum was verified. */
export const decodeStoreEvent = (bytes: Buffer): StoreEvent =>
  JSON.parse(bytes.toString()) as StoreEvent
