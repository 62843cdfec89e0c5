import type { StateMachine } from '../../log/store.ts'
import { patternOf } from '../access/index.ts'
import { BrokerError } from '../errors.ts'
import { JsonJournal } from '../json-journal.ts'
import type { Namespaces } from '../namespace/index.ts'
import type { Runtime } from '../runtime.ts'
import type { PolicyEvent, PolicyKind, PolicySpec } from './events.ts'
import { policyKeys } from './keys.ts'
import { type ApplyTo, type Definition, policyFlaw } from './validation.ts'

export type Policy = PolicySpec

/** What may have a policy. */
export type PolicyTarget =
  | { readonly kind: 'exchange'; readonly namespace: string; readonly name: string }
  | {
      readonly kind: 'queue'
      readonly namespace: string
      readonly name: string
      readonly type: 'classic' | 'quorum' | 'stream'
    }

/** What is in force for a queue or exchange. */
export type EffectivePolicy = {
  readonly policy: Policy | null
  readonly operatorPolicy: Policy | null
  /** Of both; empty when there is none. */
  readonly definition: Definition
}

type PolicyByName = Map<string, Map<string, Policy>>

const NOTHING: EffectivePolicy = { policy: null, operatorPolicy: null, definition: {} }

/**
 * Policies of users and of operators. Of those that match a name, the one with the highest
 * priority applies; an operator's comes on top and lowers limits, but does not raise them.
 */
export class Policies implements StateMachine {
  readonly name = 'policies'
  readonly #journal: JsonJournal<PolicyEvent>
  readonly #namespaces: Namespaces
  /** By namespace, highest priority first. */
  readonly #ranked: Readonly<Record<PolicyKind, PolicyByName>> = {
    policy: new Map(),
    operatorPolicy: new Map(),
  }
  readonly #changed: ((namespace: string) => void)[] = []

  constructor(runtime: Runtime, namespaces: Namespaces) {
    this.#journal = new JsonJournal(runtime, this.name)
    this.#namespaces = namespaces
    namespaces.onDeleted(({ name }) => {
      if (this.#count(name) === 0) return
      this.#journal.writeRelief({ kind: 'namespaceDeleted', namespace: name })
    })
  }

  /** Makes or replaces it. Throws `invalid-setting` in RabbitMQ's words. */
  set(policy: PolicySpec): void {
    this.#set('policy', policy)
  }

  setOperator(policy: PolicySpec): void {
    this.#set('operatorPolicy', policy)
  }

  delete(namespace: string, name: string): void {
    this.#delete('policy', namespace, name)
  }

  deleteOperator(namespace: string, name: string): void {
    this.#delete('operatorPolicy', namespace, name)
  }

  find(namespace: string, name: string): Policy | undefined {
    return this.#ranked.policy.get(namespace)?.get(name)
  }

  findOperator(namespace: string, name: string): Policy | undefined {
    return this.#ranked.operatorPolicy.get(namespace)?.get(name)
  }

  /** Of one namespace or (null) of all; highest priority first within each. */
  list(namespace: string | null = null): readonly Policy[] {
    return listed(this.#ranked.policy, namespace)
  }

  listOperator(namespace: string | null = null): readonly Policy[] {
    return listed(this.#ranked.operatorPolicy, namespace)
  }

  effective(target: PolicyTarget): EffectivePolicy {
    const policy = best(this.#ranked.policy, target)
    const operatorPolicy = best(this.#ranked.operatorPolicy, target)
    if (policy === null && operatorPolicy === null) return NOTHING
    const definition = merged(policy?.definition ?? {}, operatorPolicy?.definition ?? {})
    return { policy, operatorPolicy, definition }
  }

  /** Called live, after policies of a namespace changed: what is in force may be something else. */
  onChanged(listener: (namespace: string) => void): void {
    this.#changed.push(listener)
  }

  evolve(bytes: Buffer): void {
    this.#apply(this.#journal.read(bytes))
  }

  snapshot(): Buffer {
    return this.#journal.snapshot(this.#events())
  }

  restore(snapshot: Buffer): void {
    for (const event of this.#journal.readSnapshot(snapshot)) this.#apply(event)
  }

  #set(as: PolicyKind, given: PolicySpec): void {
    const { namespace, name, pattern, applyTo, definition, priority } = given
    this.#namespaces.get(namespace)
    const flaw = policyFlaw(given, as === 'operatorPolicy')
    if (flaw !== undefined) throw flaw
    const policy = { namespace, name, pattern, applyTo, definition, priority }
    this.#journal.write({ kind: 'set', as, policy })
    for (const listener of this.#changed) listener(namespace)
  }

  #delete(as: PolicyKind, namespace: string, name: string): void {
    this.#namespaces.get(namespace)
    if (this.#ranked[as].get(namespace)?.has(name) !== true) {
      throw new BrokerError('not-found', 'Parameter does not exist')
    }
    this.#journal.writeRelief({ kind: 'deleted', as, namespace, name })
    for (const listener of this.#changed) listener(namespace)
  }

  #count(namespace: string): number {
    const { policy, operatorPolicy } = this.#ranked
    return (policy.get(namespace)?.size ?? 0) + (operatorPolicy.get(namespace)?.size ?? 0)
  }

  #apply(event: PolicyEvent): void {
    if (event.kind === 'namespaceDeleted') {
      this.#ranked.policy.delete(event.namespace)
      this.#ranked.operatorPolicy.delete(event.namespace)
      return
    }
    const byNamespace = this.#ranked[event.as]
    if (event.kind === 'deleted') {
      const byName = byNamespace.get(event.namespace)
      byName?.delete(event.name)
      // A snapshot does not know of empty ones: what is left is to be the same as after it.
      if (byName?.size === 0) byNamespace.delete(event.namespace)
      return
    }
    const { policy } = event
    const others = [...(byNamespace.get(policy.namespace)?.values() ?? [])]
    const all = [...others.filter(({ name }) => name !== policy.name), policy]
    all.sort((one, other) => other.priority - one.priority || (one.name < other.name ? -1 : 1))
    byNamespace.set(policy.namespace, new Map(all.map(each => [each.name, each])))
  }

  *#events(): Generator<PolicyEvent> {
    for (const as of ['policy', 'operatorPolicy'] as const) {
      for (const policy of listed(this.#ranked[as], null)) yield { kind: 'set', as, policy }
    }
  }
}

function listed(byNamespace: PolicyByName, namespace: string | null): readonly Policy[] {
  if (namespace !== null) return [...(byNamespace.get(namespace)?.values() ?? [])]
  return [...byNamespace.values()].flatMap(byName => [...byName.values()])
}

function best(byNamespace: PolicyByName, target: PolicyTarget): Policy | null {
  for (const policy of byNamespace.get(target.namespace)?.values() ?? []) {
    if (isFor(policy.applyTo, target) && patternOf(policy.pattern).test(target.name)) return policy
  }
  return null
}

const ofType = { classic: 'classic_queues', quorum: 'quorum_queues', stream: 'streams' } as const

function isFor(applyTo: ApplyTo, target: PolicyTarget): boolean {
  if (applyTo === 'all') return true
  if (target.kind === 'exchange') return applyTo === 'exchanges'
  return applyTo === 'queues' || applyTo === ofType[target.type]
}

/** What users set, as far as operators allow it, and what operators set themselves. */
export function merged(user: Definition, operator: Definition): Definition {
  const both: Record<string, unknown> = { ...operator, ...user }
  for (const [name, value] of Object.entries(operator)) {
    const merge = policyKeys.get(name)?.merge ?? null
    if (merge !== null && Object.hasOwn(user, name)) both[name] = merge(user[name], value)
  }
  return both
}
