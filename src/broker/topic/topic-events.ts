import type { LogId } from '../../log/store.ts'
import type { Uuid } from './topic.ts'

/** What happened to topics and settings. Journaled, replayed, and never changed afterwards. */
export type TopicEvent =
  /** The first start of all. */
  | { readonly kind: 'founded'; readonly clusterId: Uuid }
  | {
      readonly kind: 'created'
      readonly id: Uuid
      readonly name: string
      readonly isInternal: boolean
      readonly logs: readonly LogId[]
      readonly overrides: SettingValues
      /** Absent: the default one. */
      readonly namespace?: string
      readonly isHidden?: boolean
    }
  | { readonly kind: 'deleted'; readonly id: Uuid }
  | { readonly kind: 'grown'; readonly id: Uuid; readonly logs: readonly LogId[] }
  | { readonly kind: 'altered'; readonly id: Uuid; readonly overrides: SettingValues }
  | {
      readonly kind: 'configured'
      readonly scope: SettingScope
      /** The node or group; empty for what holds for all brokers. */
      readonly name: string
      readonly values: SettingValues
    }

/** All that is set, by name, as text. */
export type SettingValues = Readonly<Record<string, string>>

export type SettingScope = 'broker' | 'group'

/** These are rare and small, so they are JSON: `sabir log dump` shows them as they are. */
export const encodeEvent = (event: TopicEvent): Buffer => Buffer.from(JSON.stringify(event))
// The bytes are our own and checked by the log, so their shape is known.
export const decodeEvent = (bytes: Buffer): TopicEvent => JSON.parse(bytes.toString()) as TopicEvent
