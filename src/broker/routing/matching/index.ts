import type { ExchangeType } from '../exchange.ts'
import { ConsistentHashMatcher } from './consistent-hash.ts'
import { DirectMatcher } from './direct.ts'
import { FanoutMatcher } from './fanout.ts'
import { HeadersMatcher } from './headers.ts'
import type { Matcher, MatcherOptions } from './matcher.ts'
import { ModulusHashMatcher } from './modulus-hash.ts'
import { RandomMatcher } from './random.ts'
import { RecentHistoryMatcher } from './recent-history.ts'
import { TopicMatcher } from './topic.ts'

export type { Matcher, MatcherOptions } from './matcher.ts'
export { headerModes } from './headers.ts'
export { hashProperties } from './consistent-hash.ts'
export { RecentHistoryMatcher } from './recent-history.ts'

type Maker = (options: MatcherOptions) => Matcher

const makers = {
  direct: () => new DirectMatcher(),
  fanout: () => new FanoutMatcher(),
  topic: () => new TopicMatcher(),
  headers: () => new HeadersMatcher(),
  'x-consistent-hash': options => new ConsistentHashMatcher(options),
  'x-modulus-hash': () => new ModulusHashMatcher(),
  'x-random': options => new RandomMatcher(options),
  // One process holds all queues there are, so all are local.
  'x-local-random': options => new RandomMatcher(options),
  'x-recent-history': options => new RecentHistoryMatcher(options),
} satisfies Record<Exclude<ExchangeType, 'x-delayed-message'>, Maker>

/** An exchange that delays routes, when the time has come, as the type it was declared with. */
export function matcherFor(type: ExchangeType, options: MatcherOptions): Matcher {
  const routedAs = type === 'x-delayed-message' ? delayedType(options.declared) : type
  return makers[routedAs](options)
}

/** What `x-delayed-type` says. It was checked when the exchange was declared. */
const delayedType = (declared: Readonly<Record<string, unknown>>): keyof typeof makers =>
  declared['x-delayed-type'] as keyof typeof makers
