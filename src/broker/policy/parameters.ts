import type { StateMachine } from '../../log/store.ts'
import { BrokerError } from '../errors.ts'
import { JsonJournal } from '../json-journal.ts'
import type { Namespaces } from '../namespace/index.ts'
import type { Runtime } from '../runtime.ts'
import type { PolicySpec } from './events.ts'
import type { Policies } from './policies.ts'
import { shown } from './term.ts'
import { validationError } from './validation.ts'

/** A JSON value that a plugin or tool of RabbitMQ keeps in the broker. */
export type Parameter = {
  readonly namespace: string
  readonly component: string
  readonly name: string
  readonly value: unknown
}

type ParameterEvent =
  | { readonly kind: 'set'; readonly parameter: Parameter }
  | {
      readonly kind: 'cleared'
      readonly namespace: string
      readonly component: string
      readonly name: string
    }
  | { readonly kind: 'globalSet'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'globalCleared'; readonly name: string }
  | { readonly kind: 'namespaceDeleted'; readonly namespace: string }

const LIMITS = 'vhost-limits'
const OPERATOR_POLICY = 'operator_policy'
const COMPONENT_BYTES_MAX = 255

/**
 * Runtime parameters: kept for those who ask, and without effect, but for two components that are
 * another name for something: limits of namespaces, and operator policies.
 */
export class Parameters implements StateMachine {
  readonly name = 'parameters'
  readonly #journal: JsonJournal<ParameterEvent>
  readonly #namespaces: Namespaces
  readonly #policies: Policies
  readonly #byKey = new Map<string, Parameter>()
  readonly #globals = new Map<string, unknown>()

  constructor(runtime: Runtime, namespaces: Namespaces, policies: Policies) {
    this.#journal = new JsonJournal(runtime, this.name)
    this.#namespaces = namespaces
    this.#policies = policies
    namespaces.onDeleted(({ name }) => {
      if (![...this.#byKey.values()].some(({ namespace }) => namespace === name)) return
      this.#journal.writeRelief({ kind: 'namespaceDeleted', namespace: name })
    })
  }

  set(namespace: string, component: string, name: string, value: unknown): void {
    this.#namespaces.get(namespace)
    if (component === 'policy') {
      const message = 'policies may not be set using this method'
      throw new BrokerError('precondition-failed', message)
    }
    checkName(component)
    checkName(name)
    if (component === LIMITS) {
      this.#namespaces.put(namespace, limitsOf(name, value))
    } else if (component === OPERATOR_POLICY) {
      this.#policies.setOperator(operatorPolicyOf(namespace, name, value))
    } else {
      this.#journal.write({ kind: 'set', parameter: { namespace, component, name, value } })
    }
  }

  clear(namespace: string, component: string, name: string): void {
    const parameter = this.find(namespace, component, name)
    if (parameter === undefined) throw new BrokerError('not-found', 'Parameter does not exist')
    if (component === LIMITS) {
      this.#namespaces.put(namespace, { connectionsMax: null, queuesMax: null })
    } else if (component === OPERATOR_POLICY) {
      this.#policies.deleteOperator(namespace, name)
    } else {
      this.#journal.writeRelief({ kind: 'cleared', namespace, component, name })
    }
  }

  find(namespace: string, component: string, name: string): Parameter | undefined {
    return this.list(namespace, component).find(parameter => parameter.name === name)
  }

  /** Of one namespace and component or (null) of all. */
  list(namespace: string | null = null, component: string | null = null): readonly Parameter[] {
    const all = [...this.#limits(), ...this.#operatorPolicies(), ...this.#byKey.values()]
    return all.filter(
      parameter =>
        (namespace === null || parameter.namespace === namespace) &&
        (component === null || parameter.component === component),
    )
  }

  setGlobal(name: string, value: unknown): void {
    checkName(name)
    this.#journal.write({ kind: 'globalSet', name, value })
  }

  clearGlobal(name: string): void {
    if (!this.#globals.has(name)) {
      throw new BrokerError('not-found', 'Parameter does not exist')
    }
    this.#journal.writeRelief({ kind: 'globalCleared', name })
  }

  /** What holds for all namespaces, by name. */
  globals(): ReadonlyMap<string, unknown> {
    return this.#globals
  }

  evolve(bytes: Buffer): void {
    this.#apply(this.#journal.read(bytes))
  }

  snapshot(): Buffer {
    return this.#journal.snapshot([
      ...[...this.#byKey.values()].map((parameter): ParameterEvent => ({ kind: 'set', parameter })),
      ...[...this.#globals].map(
        ([name, value]): ParameterEvent => ({ kind: 'globalSet', name, value }),
      ),
    ])
  }

  restore(snapshot: Buffer): void {
    for (const event of this.#journal.readSnapshot(snapshot)) this.#apply(event)
  }

  #apply(event: ParameterEvent): void {
    switch (event.kind) {
      case 'set': {
        const { namespace, component, name } = event.parameter
        this.#byKey.set(keyOf(namespace, component, name), event.parameter)
        break
      }
      case 'cleared':
        this.#byKey.delete(keyOf(event.namespace, event.component, event.name))
        break
      case 'globalSet':
        this.#globals.set(event.name, event.value)
        break
      case 'globalCleared':
        this.#globals.delete(event.name)
        break
      case 'namespaceDeleted':
        for (const [key, { namespace }] of this.#byKey) {
          if (namespace === event.namespace) this.#byKey.delete(key)
        }
        break
    }
  }

  *#limits(): Generator<Parameter> {
    for (const { name: namespace, connectionsMax, queuesMax } of this.#namespaces.all()) {
      if (connectionsMax === null && queuesMax === null) continue
      const value = {
        ...(connectionsMax === null ? {} : { 'max-connections': connectionsMax }),
        ...(queuesMax === null ? {} : { 'max-queues': queuesMax }),
      }
      yield { namespace, component: LIMITS, name: 'limits', value }
    }
  }

  *#operatorPolicies(): Generator<Parameter> {
    for (const policy of this.#policies.listOperator()) {
      const { namespace, name, pattern, applyTo, definition, priority } = policy
      const value = { 'apply-to': applyTo, definition, pattern, priority }
      yield { namespace, component: OPERATOR_POLICY, name, value }
    }
  }
}

const keyOf = (namespace: string, component: string, name: string): string =>
  JSON.stringify([namespace, component, name])

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes > 0 && bytes <= COMPONENT_BYTES_MAX) return
  throw new BrokerError(
    'invalid-name',
    'a parameter and its component have names of 1 to 255 bytes',
  )
}

type NamespaceLimits = { connectionsMax: number | null; queuesMax: number | null }

/** RabbitMQ's form of limits: what is not named, or negative, is without one. */
export function limitsOf(name: string, value: unknown): NamespaceLimits {
  const given = objectOf(name, value)
  const flaws: string[] = []
  const limit = (key: string): number | null => {
    const max = given[key]
    if (max === undefined) return null
    if (Number.isSafeInteger(max)) return Number(max) < 0 ? null : Number(max)
    flaws.push(`${key} should be a number, actually was ${shown(max)}`)
    return null
  }
  const limits = { connectionsMax: limit('max-connections'), queuesMax: limit('max-queues') }
  const { 'max-connections': _connections, 'max-queues': _queues, ...rest } = given
  if (Object.keys(rest).length > 0) flaws.push(`Unrecognised terms ${shown(rest)} in ${name}`)
  if (flaws.length > 0) throw validationError(flaws)
  return limits
}

function operatorPolicyOf(namespace: string, name: string, value: unknown): PolicySpec {
  const given = objectOf(name, value)
  // Checked as a whole when it is set, whatever it holds.
  return {
    namespace,
    name,
    pattern: given['pattern'],
    applyTo: given['apply-to'] ?? 'all',
    definition: given['definition'],
    priority: given['priority'] ?? 0,
  } as PolicySpec
}

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw validationError([`${name} not a list ${shown(value)}`])
}
