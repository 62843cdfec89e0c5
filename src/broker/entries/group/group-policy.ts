import { isUtf8 } from 'node:buffer'
import type { Policies } from '../../policy/index.ts'
import { settingsOf } from '../../policy/index.ts'
import type { QueueSettings } from '../../queue/index.ts'

/** What operators ask of a group: the same keys as for queues. */
export type GroupPolicy = Pick<
  QueueSettings,
  | 'deliveryLimit'
  | 'visibilityTimeoutMs'
  | 'retry'
  | 'deadLetterExchange'
  | 'deadLetterRoutingKey'
  | 'deadLetterStrategy'
>

export const groupPolicyNone: GroupPolicy = settingsOf('stream', {}, {})

/**
 * Policies for groups of streams. One for `stream/group` comes before one for the stream; both are
 * found by patterns, as those for queues are.
 */
export class GroupPolicies {
  readonly #policies: Policies
  #known = new Map<string, GroupPolicy>()

  constructor(policies: Policies) {
    this.#policies = policies
    policies.onChanged(() => {
      this.#known = new Map()
    })
  }

  of(namespace: string, stream: string, group: string): GroupPolicy {
    const key = `${namespace}\0${stream}/${group}`
    let policy = this.#known.get(key)
    if (policy === undefined) {
      if (this.#known.size >= KNOWN_MAX) this.#known = new Map()
      const own = this.#definition(namespace, `${stream}/${group}`)
      const definition = own ?? this.#definition(namespace, stream)
      policy = definition === null ? groupPolicyNone : settingsOf('stream', {}, definition)
      this.#known.set(key, policy)
    }
    return policy
  }

  #definition(namespace: string, name: string) {
    const found = this.#policies.effective({ kind: 'queue', namespace, name, type: 'stream' })
    return found.policy === null && found.operatorPolicy === null ? null : found.definition
  }
}

const KNOWN_MAX = 10_000

/** A group's name as text, for policies and people. */
export function groupText(name: string): string {
  const bytes = Buffer.from(name, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : name
}
