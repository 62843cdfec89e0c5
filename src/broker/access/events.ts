import type { Credentials } from './password.ts'

/** Three patterns, each searched in names; an empty one matches nothing. */
export type Permission = {
  readonly configure: string
  readonly write: string
  readonly read: string
}

/** Two patterns, searched in routing keys. */
export type TopicPermission = { readonly write: string; readonly read: string }

/** Null: no limit. */
export type UserLimits = {
  readonly connectionsMax: number | null
  readonly channelsMax: number | null
}

export type UserSpec = {
  readonly name: string
  readonly tags: readonly string[]
  readonly credentials: Credentials
  readonly limits: UserLimits
  /** Nobody logs in as them, in whatever way. Older events do not say it: they may. */
  readonly isDisabled?: boolean
  /** What protocols with rules of their own go by, as text, by the name of the protocol. */
  readonly rules?: UserRules
}

export type UserRules = Readonly<Record<string, string>>

/** What happened to users. Journaled, replayed, and never changed afterwards. */
export type AccessEvent =
  /** The first start of all: from now on there are the users that were made, and no others. */
  | { readonly kind: 'founded' }
  | { readonly kind: 'put'; readonly user: UserSpec }
  | { readonly kind: 'deleted'; readonly user: string }
  | {
      readonly kind: 'permitted'
      readonly user: string
      readonly namespace: string
      /** Null: taken away. */
      readonly permission: Permission | null
    }
  | {
      readonly kind: 'topicPermitted'
      readonly user: string
      readonly namespace: string
      /** Null: all of the namespace. */
      readonly exchange: string | null
      /** Null: taken away. */
      readonly permission: TopicPermission | null
    }
  | { readonly kind: 'namespaceDeleted'; readonly namespace: string }
