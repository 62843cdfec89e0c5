import * as z from 'zod'
import type { PolicySpec } from '../../broker/policy/index.ts'
import { change } from '../change.ts'
import { operation } from '../operation.ts'
import { name, namespace, ofNamespace } from '../shapes.ts'

const isOperator = z.boolean().default(false)

export const policyOperations = [
  operation('list-policies', ofNamespace.extend({ isOperator }), ({ broker }, asked) => {
    if (asked.namespace !== undefined) broker.namespaces.get(asked.namespace)
    const { policies } = broker
    const space = asked.namespace ?? null
    return asked.isOperator ? policies.listOperator(space) : policies.list(space)
  }),
  change(
    'set-policy',
    // What is in it the broker checks, in RabbitMQ's words.
    z.strictObject({
      namespace,
      name,
      pattern: z.string(),
      applyTo: z.string().default('all'),
      definition: z.unknown(),
      priority: z.unknown().default(0),
      isOperator,
    }),
    ({ broker }, { isOperator: isOperators, ...policy }) => {
      if (isOperators) broker.policies.setOperator(policy as PolicySpec)
      else broker.policies.set(policy as PolicySpec)
    },
  ),
  change('delete-policy', z.strictObject({ namespace, name, isOperator }), ({ broker }, asked) => {
    if (asked.isOperator) broker.policies.deleteOperator(asked.namespace, asked.name)
    else broker.policies.delete(asked.namespace, asked.name)
  }),
]
