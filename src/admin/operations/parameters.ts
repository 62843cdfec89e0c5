import * as z from 'zod'
import { change } from '../change.ts'
import { operation } from '../operation.ts'
import { name, named, namespace, nothing } from '../shapes.ts'

export const parameterOperations = [
  operation(
    'list-parameters',
    z.strictObject({ namespace: z.string().optional(), component: z.string().optional() }),
    ({ broker }, asked) => {
      if (asked.namespace !== undefined) broker.namespaces.get(asked.namespace)
      return broker.parameters.list(asked.namespace ?? null, asked.component ?? null)
    },
  ),
  change(
    'set-parameter',
    z.strictObject({ namespace, component: name, name, value: z.unknown() }),
    ({ broker }, asked) =>
      broker.parameters.set(asked.namespace, asked.component, asked.name, asked.value),
  ),
  change(
    'clear-parameter',
    z.strictObject({ namespace, component: name, name }),
    ({ broker }, asked) => broker.parameters.clear(asked.namespace, asked.component, asked.name),
  ),
  operation('list-global-parameters', nothing, ({ broker }) =>
    [...broker.parameters.globals()].map(([key, value]) => ({ name: key, value })),
  ),
  change('set-global-parameter', named.extend({ value: z.unknown() }), ({ broker }, asked) =>
    broker.parameters.setGlobal(asked.name, asked.value),
  ),
  change('clear-global-parameter', named, ({ broker }, asked) =>
    broker.parameters.clearGlobal(asked.name),
  ),
]
