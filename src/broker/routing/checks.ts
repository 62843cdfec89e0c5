import { BrokerError } from '../errors.ts'
import {
  type Binding,
  type Exchange,
  type ExchangeSpec,
  type ExchangeType,
  exchangeTypes,
} from './exchange.ts'
import { hashProperties, headerModes } from './matching/index.ts'

/** As much as RabbitMQ allows. */
const WEIGHT_MAX = 10_000

type Flaw = BrokerError | undefined
type Arguments = Readonly<Record<string, unknown>>

export const isExchangeType = (type: string): type is ExchangeType =>
  (exchangeTypes as readonly string[]).includes(type)

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const flawed = (message: string): BrokerError => new BrokerError('precondition-failed', message)

const exchangeFlaws: { readonly [Type in ExchangeType]?: (declared: Arguments) => Flaw } = {
  'x-consistent-hash': declared => {
    const property = declared['hash-property']
    if (property === undefined) return undefined
    if (declared['hash-header'] !== undefined)
      return flawed('hash-header and hash-property are mutually exclusive')
    if (hashProperties.some(name => name === property)) return undefined
    return flawed(`Unsupported property: ${shown(property)}`)
  },
  'x-recent-history': declared => {
    const length = declared['x-recent-history-length']
    if (length === undefined || (Number.isInteger(length) && Number(length) > 0)) return undefined
    return flawed(
      `Invalid argument ${shown(length)}, 'x-recent-history-length' must be a positive integer`,
    )
  },
  'x-delayed-message': declared => {
    const type = declared['x-delayed-type']
    if (typeof type === 'string' && isExchangeType(type) && type !== 'x-delayed-message')
      return exchangeFlaws[type]?.(declared)
    return flawed("Invalid argument, 'x-delayed-type' must be an existing exchange type")
  },
}

/** What is wrong with an exchange that somebody wants to declare, in RabbitMQ's words. */
export const exchangeFlaw = ({ type, declared }: ExchangeSpec): Flaw =>
  exchangeFlaws[type]?.(declared)

const bindingFlaws: { readonly [Type in ExchangeType]?: (binding: Binding) => Flaw } = {
  headers: ({ declared }) => {
    const mode = declared['x-match']
    if (mode === undefined || headerModes.some(name => name === mode)) return undefined
    return flawed(
      typeof mode === 'string'
        ? `Invalid x-match field value <<"${mode}">>; ` +
            'expected all, any, all-with-x, or any-with-x'
        : `Invalid x-match field type (value ${JSON.stringify(mode)}); expected longstr`,
    )
  },
  'x-consistent-hash': ({ routingKey }) => {
    if (!/^[+-]?\d+$/.test(routingKey))
      return flawed(`The binding key must be an integer: <<"${routingKey}">>`)
    const weight = Number(routingKey)
    if (weight < 1) return flawed('The binding key must be greater than 0')
    if (weight <= WEIGHT_MAX) return undefined
    return flawed(`The binding key must not exceed ${WEIGHT_MAX}`)
  },
  'x-local-random': ({ routingKey }) =>
    routingKey === '' ? undefined : flawed(`Non empty binding '${routingKey}' key not permitted`),
}

/** What is wrong with a binding for an exchange of that type, in RabbitMQ's words. */
export function bindingFlaw({ spec }: Exchange, binding: Binding): Flaw {
  const type =
    spec.type === 'x-delayed-message'
      ? (spec.declared['x-delayed-type'] as ExchangeType) // Checked when it was declared.
      : spec.type
  return bindingFlaws[type]?.(binding)
}
