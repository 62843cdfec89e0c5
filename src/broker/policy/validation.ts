import { patternFlaw } from '../access/index.ts'
import { BrokerError } from '../errors.ts'
import type { PolicySpec } from './events.ts'
import { policyKeys } from './keys.ts'
import { shown } from './term.ts'

export const applyTos = [
  'all',
  'queues',
  'classic_queues',
  'quorum_queues',
  'streams',
  'exchanges',
] as const
export type ApplyTo = (typeof applyTos)[number]

export type Definition = Readonly<Record<string, unknown>>

/** What is wrong with a policy, in RabbitMQ's words, as an error to throw; undefined when fine. */
export function policyFlaw(spec: PolicySpec, isOperator: boolean): BrokerError | undefined {
  const flaws = [
    priorityFlaw(spec.priority),
    patternFlawText(spec.pattern),
    applyTos.includes(spec.applyTo)
      ? undefined
      : `apply-to '${spec.applyTo}' unrecognised; should be one of: 'queues', 'classic_queues', ` +
        ` 'quorum_queues', 'streams', 'exchanges', or 'all'`,
    definitionFlaw(spec.definition, isOperator),
  ].filter(flaw => flaw !== undefined)
  return flaws.length === 0 ? undefined : validationError(flaws)
}

export const validationError = (flaws: readonly string[]): BrokerError =>
  new BrokerError('invalid-setting', `Validation failed\n\n${flaws.join('\n')}\n`)

function priorityFlaw(priority: unknown): string | undefined {
  if (typeof priority === 'number' && Number.isFinite(priority)) return undefined
  return `priority should be a number, actually was ${shown(priority)}`
}

function patternFlawText(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string') return `pattern should be a binary but was ${shown(pattern)}`
  const flaw = patternFlaw(pattern)
  return flaw && `pattern should be regular expression but is invalid: ${flaw}`
}

function definitionFlaw(definition: unknown, isOperator: boolean): string | undefined {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    return `definition must be a dictionary: ${shown(definition)}`
  }
  const entries = Object.entries(definition)
  if (entries.length === 0) return 'no policy provided'
  for (const [name, value] of entries) {
    const known = policyKeys.get(name)
    if (known === undefined || (isOperator && known.merge === null)) continue
    const flaw = known.flaw(value)
    if (flaw !== undefined) return `${shown(value)} ${flaw}`
  }
  return (
    retryFlaw(definition as Definition) ??
    unknownFlaw(
      entries.filter(([name]) => {
        const known = policyKeys.get(name)
        return known === undefined || (isOperator && known.merge === null)
      }),
    )
  )
}

function retryFlaw(definition: Definition): string | undefined {
  const type = definition['delayed-retry-type']
  const min = definition['delayed-retry-min']
  const max = definition['delayed-retry-max']
  const hasDelays = min !== undefined || definition['delayed-retry-delays'] !== undefined
  if (type !== undefined && type !== 'disabled' && !hasDelays) {
    return `delayed-retry-min is required when delayed-retry-type is ${type as string}`
  }
  if (typeof min === 'number' && typeof max === 'number' && max < min) {
    return `delayed-retry-max (${max}) must not be smaller than delayed-retry-min (${min})`
  }
  return undefined
}

const unknownFlaw = (unknown: readonly [string, unknown][]): string | undefined =>
  unknown.length === 0
    ? undefined
    : `${shown(Object.fromEntries(unknown))} are not recognised policy settings`
