import { isExchangeType } from '../../../broker/routing/index.ts'
import type { Channel } from '../channel.ts'
import { emptyTable, type FieldTable, jsonOf } from '../codec/index.ts'
import { AmqpError } from '../errors.ts'
import { exchangeDeclare, exchangeDeclareOk, type ShapeOf } from '../schema/index.ts'
import { demandSame, demandSameArguments } from './equivalence.ts'
import { handler } from './handler.ts'
import {
  demand,
  demandAny,
  notFound,
  refuseDefaultExchange,
  refuseReservedName,
  type Resource,
  shown,
  strippedName,
} from './resource.ts'

type Declaration = ShapeOf<typeof exchangeDeclare.fields>

const ALTERNATE = 'alternate-exchange'

export const exchangeDeclareHandler = handler(exchangeDeclare, (declaration, channel) => {
  const { connection } = channel
  const { namespace } = connection
  const exchange: Resource = {
    kind: 'exchange',
    name: strippedName(declaration.exchange),
    namespace,
  }
  const isChanged = declaration.passive
    ? demandThere(channel, exchange)
    : declare(channel, exchange, declaration)
  if (declaration.nowait) return
  if (isChanged) channel.sendWhenSafe(exchangeDeclareOk, {})
  else channel.send(exchangeDeclareOk, {})
})

function demandThere({ connection }: Channel, exchange: Resource): false {
  refuseDefaultExchange(exchange)
  demandAny(connection, exchange)
  const { broker, namespace } = connection
  if (broker.exchanges.find(namespace, exchange.name) === undefined) throw notFound(exchange)
  return false
}

/** True when something has to be on the disk before the client is told. */
function declare({ connection }: Channel, exchange: Resource, declaration: Declaration): boolean {
  const { type, durable, autoDelete, internal, arguments: args } = declaration
  const { broker, namespace, user } = connection
  if (!isExchangeType(type))
    throw new AmqpError('COMMAND_INVALID', `unknown exchange type '${type}'`)
  refuseDefaultExchange(exchange)
  demand(connection, 'configure', exchange)
  const found = broker.exchanges.find(namespace, exchange.name)
  if (found !== undefined) {
    const { spec } = found
    demandSame(exchange, 'type', { received: type, current: spec.type })
    demandSame(exchange, 'durable', { received: durable, current: spec.isDurable })
    demandSame(exchange, 'auto_delete', { received: autoDelete, current: spec.isAutoDelete })
    demandSame(exchange, 'internal', { received: internal, current: spec.isInternal })
    demandSameArguments(exchange, [ALTERNATE], args, spec)
    return false
  }
  refuseReservedName(exchange)
  checkAlternate(exchange, args, connection)
  broker.exchanges.declare({
    namespace,
    name: exchange.name,
    type,
    isDurable: durable,
    isAutoDelete: autoDelete,
    isInternal: internal,
    declared: args === emptyTable ? {} : jsonOf(args),
    user: user.name,
  })
  return durable
}

/** What the exchange cannot route goes elsewhere: only where its declarer may send to. */
function checkAlternate(
  exchange: Resource,
  args: FieldTable,
  connection: Channel['connection'],
): void {
  const field = args.get(ALTERNATE)
  if (field === undefined) return
  if (field.type !== 'longstr')
    throw new AmqpError(
      'PRECONDITION_FAILED',
      `invalid type '${field.type}' for arg '${ALTERNATE}' in ${shown(exchange)}`,
    )
  demand(connection, 'read', exchange)
  demand(connection, 'write', { ...exchange, name: String(field.value) })
}
