/** What a namespace is called, carries and allows. */
export type NamespaceSpec = {
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  /** The type of a queue that is declared without one; null: `classic`. */
  readonly defaultQueueType: 'classic' | 'quorum' | 'stream' | null
  /** While true, it cannot be deleted. */
  readonly isProtected: boolean
  /** Null: no limit. */
  readonly connectionsMax: number | null
  readonly queuesMax: number | null
}

export type NamespaceEvent =
  | { readonly kind: 'put'; readonly spec: NamespaceSpec }
  | { readonly kind: 'deleted'; readonly name: string }
