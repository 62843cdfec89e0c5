import { isDeepStrictEqual } from 'node:util'
import { BrokerError } from '../../errors.ts'
import type { Namespaces } from '../../namespace/index.ts'
import type { Item } from '../item.ts'
import type { Outcome } from './index.ts'

/** What it comes to: `before` is what was there, undefined for nothing; `put` changes it. */
export function putChanged(before: unknown, after: unknown, put: () => void): Outcome {
  if (before !== undefined && isDeepStrictEqual(before, after)) return 'kept'
  put()
  return before === undefined ? 'made' : 'changed'
}

/** Says which definition was refused. */
export function naming<Result>(item: Item, work: () => Result): Result {
  try {
    return work()
  } catch (thrown) {
    const { kind, message } = BrokerError.from(thrown)
    throw new BrokerError(kind, `${item.label}: ${message}`, { cause: thrown })
  }
}

/** The namespace a definition names, or else the one all of them are for. It has to be there. */
export function namespaceOf(item: Item, all: Namespaces, fallback: string | null): string {
  const name = fallback ?? item.text('vhost')
  if (all.has(name)) return name
  throw new BrokerError(
    'not-found',
    `${item.label}: Please create virtual host "${name}" prior to importing definitions.`,
  )
}
