import { isDeepStrictEqual } from 'node:util'
import type { PolicySpec } from '../../policy/index.ts'
import type { ImportContext } from '../import.ts'
import { isPairs, Item, plainObject } from '../item.ts'
import type { Outcome } from './index.ts'
import { naming, namespaceOf, putChanged } from './outcome.ts'

export function putPolicy({ parts, namespace }: ImportContext, value: unknown): Outcome {
  const item = new Item('policy', value, namespace)
  const { policies } = parts
  const policy: PolicySpec = {
    namespace: namespaceOf(item, parts.namespaces, namespace),
    name: item.text('name'),
    pattern: item.text('pattern'),
    // What it says is checked when it is set.
    applyTo: item.text('apply-to', 'all') as PolicySpec['applyTo'],
    definition: item.object('definition'),
    priority: item.number('priority', 0),
  }
  return putChanged(policies.find(policy.namespace, policy.name), policy, () =>
    naming(item, () => policies.set(policy)),
  )
}

export function putParameter({ parts, namespace }: ImportContext, json: unknown): Outcome {
  const item = new Item('parameter', json, namespace)
  const { parameters } = parts
  const space = namespaceOf(item, parts.namespaces, namespace)
  const [component, name] = [item.text('component'), item.text('name')]
  const wanted = unpaired(item.value('value'))
  const value = (): unknown => parameters.find(space, component, name)?.value
  const before = value()
  const outcome = putChanged(before, wanted, () =>
    naming(item, () => parameters.set(space, component, name, wanted)),
  )
  // Limits are kept without what says nothing (-1), so they may be the same after all.
  return isDeepStrictEqual(before, value()) ? 'kept' : outcome
}

export function putGlobalParameter({ parts }: ImportContext, value: unknown): Outcome {
  const item = new Item('global parameter', value, null)
  const { parameters } = parts
  const name = item.text('name')
  const wanted = unpaired(item.value('value'))
  return putChanged(parameters.globals().get(name), wanted, () =>
    naming(item, () => parameters.setGlobal(name, wanted)),
  )
}

/** RabbitMQ keeps objects as lists of pairs, and now and then exports them so. */
function unpaired(value: unknown): unknown {
  if (isPairs(value) && value.length > 0) return unpaired(plainObject(value))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value ?? null
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpaired(each)]))
}
