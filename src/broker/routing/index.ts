export { isExchangeType } from './checks.ts'
export {
  type Binding,
  type Exchange,
  type ExchangeSettings,
  type ExchangeSpec,
  type ExchangeType,
  exchangeTypes,
  type Route,
} from './exchange.ts'
export {
  type ExchangePorts,
  Exchanges,
  type QueueDirectory,
  type TopicDirectory,
} from './exchanges.ts'
export { RecentHistoryMatcher } from './matching/index.ts'
export { Router } from './router.ts'
export type { BindingState, Destination, ExchangeState } from './state.ts'
export type { Walk } from './walk.ts'
