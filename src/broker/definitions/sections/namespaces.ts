import type { NamespaceChange, NamespaceSpec } from '../../namespace/index.ts'
import { limitsOf } from '../../policy/index.ts'
import type { ImportContext } from '../import.ts'
import { Item } from '../item.ts'
import type { Outcome } from './index.ts'
import { naming } from './outcome.ts'

export function putNamespace({ parts }: ImportContext, value: unknown): Outcome {
  const item = new Item('vhost', value, null)
  const { namespaces } = parts
  const name = item.text('name')
  const metadata = new Item(`metadata of vhost "${name}"`, item.object('metadata'), null)
  const change: { -readonly [Key in keyof NamespaceChange]: NamespaceChange[Key] } = {}
  for (const from of [metadata, item]) {
    if (from.has('description')) change.description = from.text('description')
    if (from.has('tags')) change.tags = from.texts('tags')
    if (from.has('default_queue_type')) change.defaultQueueType = queueTypeOf(from)
  }
  const isProtected = item.has('protected_from_deletion') ? item : metadata
  if (isProtected.has('protected_from_deletion')) {
    change.isProtected = isProtected.boolean('protected_from_deletion', false)
  }
  if (item.has('limits')) {
    Object.assign(
      change,
      naming(item, () => limitsOf('limits', item.object('limits'))),
    )
  }
  const before = namespaces.find(name)
  const then = before === undefined ? null : JSON.stringify(before)
  const after = naming(item, () => namespaces.put(name, change))
  if (item.has('tracing')) namespaces.setTraced(name, item.boolean('tracing', false))
  return then === null ? 'made' : then === JSON.stringify(after) ? 'kept' : 'changed'
}

/** Older versions wrote "undefined" for none; what is no type is refused when it is put. */
function queueTypeOf(item: Item): NamespaceSpec['defaultQueueType'] {
  const type = item.text('default_queue_type')
  const plain = type.replace(/^rabbit_(\w+)_queue$/, '$1')
  return plain === 'undefined' ? null : (plain as NamespaceSpec['defaultQueueType'])
}
