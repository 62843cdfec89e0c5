import type { ApplyTo, Definition } from './validation.ts'

export type PolicySpec = {
  readonly namespace: string
  readonly name: string
  /** Searched in names of queues and exchanges. */
  readonly pattern: string
  readonly applyTo: ApplyTo
  readonly definition: Definition
  /** Of those that match, the one with the highest applies, and no other. */
  readonly priority: number
}

export type PolicyKind = 'policy' | 'operatorPolicy'

/** What happened to policies. Journaled, replayed, and never changed afterwards. */
export type PolicyEvent =
  | { readonly kind: 'set'; readonly as: PolicyKind; readonly policy: PolicySpec }
  | {
      readonly kind: 'deleted'
      readonly as: PolicyKind
      readonly namespace: string
      readonly name: string
    }
  | { readonly kind: 'namespaceDeleted'; readonly namespace: string }
