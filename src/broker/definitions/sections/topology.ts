import {
  queueArgumentsFlaw,
  type QueueType,
  queueTypes,
  settingsOf,
  sourceOf,
} from '../../policy/index.ts'
import { type Binding, isExchangeType } from '../../routing/index.ts'
import type { ImportContext } from '../import.ts'
import { Item } from '../item.ts'
import type { Outcome } from './index.ts'
import { naming, namespaceOf } from './outcome.ts'

/** Names that start so are the broker's: what definitions say about them is passed over. */
const RESERVED = 'amq.'

export function putQueue({ parts, namespace, user }: ImportContext, value: unknown): Outcome {
  const item = new Item('queue', value, namespace)
  const { namespaces, queues } = parts
  const space = namespaceOf(item, namespaces, namespace)
  const name = item.text('name')
  if (name.startsWith(RESERVED) || queues.find(space, name) !== undefined) return 'kept'
  const declared = item.object('arguments')
  const flaw = queueArgumentsFlaw(declared)
  if (flaw !== undefined) throw item.flaw(`cannot be declared: ${flaw}`)
  const fallback = item.text('type', namespaces.get(space).defaultQueueType ?? 'classic')
  const type = declared['x-queue-type'] ?? fallback
  if (!isQueueType(type)) throw item.flaw(`cannot be of the unknown type ${JSON.stringify(type)}`)
  const { source, ...options } = sourceOf(declared)
  const spec = {
    namespace: space,
    name,
    isDurable: item.boolean('durable', true),
    isAutoDelete: item.boolean('auto_delete', false),
    owner: null,
    user,
    declared,
    type,
    source,
  }
  naming(item, () => queues.declare(spec, settingsOf(type, declared, {}), options))
  return 'made'
}

export function putExchange({ parts, namespace, user }: ImportContext, value: unknown): Outcome {
  const item = new Item('exchange', value, namespace)
  const { exchanges } = parts
  const space = namespaceOf(item, parts.namespaces, namespace)
  const name = item.text('name')
  const isReserved = name === '' || name.startsWith(RESERVED)
  if (isReserved || exchanges.find(space, name) !== undefined) return 'kept'
  const type = item.text('type')
  if (!isExchangeType(type)) throw item.flaw(`has the unknown type "${type}"`)
  const spec = {
    namespace: space,
    name,
    type,
    isDurable: item.boolean('durable', true),
    isAutoDelete: item.boolean('auto_delete', false),
    isInternal: item.boolean('internal', false),
    declared: item.object('arguments'),
    user,
  }
  naming(item, () => exchanges.declare(spec))
  return 'made'
}

export function putBinding({ parts, namespace }: ImportContext, value: unknown): Outcome {
  const item = new Item('binding of exchange', value, namespace)
  const { exchanges } = parts
  const binding: Binding = {
    namespace: namespaceOf(item, parts.namespaces, namespace),
    source: item.text('source'),
    destination: item.text('destination'),
    destinationKind: destinationKindOf(item),
    routingKey: item.text('routing_key', ''),
    declared: item.object('arguments'),
  }
  // The default exchange is bound to everything already.
  if (binding.source === '' || exchanges.isBound(binding)) return 'kept'
  naming(item, () => exchanges.bind(binding))
  return 'made'
}

const isQueueType = (type: unknown): type is QueueType => queueTypes.includes(type)

function destinationKindOf(item: Item): Binding['destinationKind'] {
  const kind = item.text('destination_type')
  if (kind === 'queue' || kind === 'exchange') return kind
  throw item.flaw(`has neither a queue nor an exchange as its destination, but "${kind}"`)
}
