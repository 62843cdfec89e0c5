import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import { ownArgumentsFlaw, settingsOf, sourceOf } from '../../broker/policy/index.ts'
import { isExchangeType } from '../../broker/routing/index.ts'
import { tableOf } from './codec/json.ts'
import { AmqpError } from './errors.ts'
import { demandSame, demandSameArguments } from './handlers/equivalence.ts'
import { queueResource } from './handlers/queue-access.ts'
import { checkQueueArguments, comparedArguments, queueTypeOf } from './handlers/queue-arguments.ts'
import { checkQueueLimit, checkTypeFits } from './handlers/queue-declare.ts'
import { refuseDefaultExchange, refuseReservedName, shown } from './handlers/resource.ts'

type Json = Readonly<Record<string, unknown>>

export type QueueWish = {
  readonly namespace: string
  readonly name: string
  readonly isDurable: boolean
  readonly isAutoDelete: boolean
  readonly declared: Json
}

export type ExchangeWish = QueueWish & { readonly type: string; readonly isInternal: boolean }

/**
 * For operators: the same checks, and texts, as a client's queue.declare meets, but for
 * permissions. Throws BrokerError. Whether it was made; false: it was there, just so.
 */
export function declareQueue(broker: Broker, wish: QueueWish, user: string): boolean {
  return asBrokerErrors(() => {
    const { namespace, name, isDurable, isAutoDelete } = wish
    const queue = queueResource(namespace, name)
    const args = tableOf(wish.declared)
    const flags = { durable: isDurable, autoDelete: isAutoDelete, exclusive: false }
    const usual = broker.namespaces.get(namespace).defaultQueueType ?? 'classic'
    const type = queueTypeOf(queue, args, isDurable && !isAutoDelete ? usual : 'classic')
    const found = broker.queues.find(namespace, queue.name)
    if (found !== undefined) {
      const { spec } = found
      demandSame(queue, 'durable', { received: isDurable, current: spec.isDurable })
      demandSame(queue, 'auto_delete', { received: isAutoDelete, current: spec.isAutoDelete })
      const current = { declared: spec.declared }
      demandSameArguments(queue, comparedArguments(spec.type), args, current)
      return false
    }
    refuseReservedName(queue)
    checkQueueArguments(queue, args, type)
    checkTypeFits(queue, type, flags)
    checkQueueLimit({ broker, namespace }, queue)
    const flaw = ownArgumentsFlaw(wish.declared)
    if (flaw !== undefined)
      throw new AmqpError('PRECONDITION_FAILED', `invalid arg for ${shown(queue)}: ${flaw}`)
    const { source, ...options } = sourceOf(wish.declared)
    const spec = { ...wish, name: queue.name, owner: null, user, type, source }
    broker.queues.declare(spec, settingsOf(type, wish.declared, {}), options)
    return true
  })
}

/** The same for exchange.declare. */
export function declareExchange(broker: Broker, wish: ExchangeWish, user: string): boolean {
  return asBrokerErrors(() => {
    const { namespace, name, type, isDurable, isAutoDelete, isInternal } = wish
    const exchange = { kind: 'exchange', name, namespace } as const
    broker.namespaces.get(namespace)
    if (!isExchangeType(type))
      throw new AmqpError('COMMAND_INVALID', `unknown exchange type '${type}'`)
    refuseDefaultExchange(exchange)
    const spec = broker.exchanges.find(namespace, name)?.spec
    if (spec !== undefined) {
      demandSame(exchange, 'type', { received: type, current: spec.type })
      demandSame(exchange, 'durable', { received: isDurable, current: spec.isDurable })
      demandSame(exchange, 'auto_delete', { received: isAutoDelete, current: spec.isAutoDelete })
      demandSame(exchange, 'internal', { received: isInternal, current: spec.isInternal })
      demandSameArguments(exchange, ['alternate-exchange'], tableOf(wish.declared), spec)
      return false
    }
    refuseReservedName(exchange)
    broker.exchanges.declare({ ...wish, type, user })
    return true
  })
}

const kinds = {
  PRECONDITION_FAILED: 'precondition-failed',
  ACCESS_REFUSED: 'access-refused',
  NOT_FOUND: 'not-found',
  COMMAND_INVALID: 'unsupported',
} as const

function asBrokerErrors<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AmqpError)) throw error
    const kind = (kinds as Readonly<Record<string, (typeof kinds)[keyof typeof kinds]>>)[
      error.reply
    ]
    throw new BrokerError(kind ?? 'precondition-failed', error.message)
  }
}
