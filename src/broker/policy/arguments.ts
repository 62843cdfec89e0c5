import type { DeclareOptions } from '../queue/index.ts'
import { policyKeys } from './keys.ts'
import { isPriority, type QueueType } from './queue-settings.ts'

type Arguments = Readonly<Record<string, unknown>>

const PREFIX = 'x-'
export const queueTypes: readonly unknown[] = ['classic', 'quorum', 'stream'] satisfies QueueType[]

/** What a queue can be declared with and no policy can set. */
const flaws: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  'x-queue-type': value => (queueTypes.includes(value) ? undefined : 'is not a queue type'),
  'x-max-priority': value => (isPriority(value) ? undefined : 'is not a priority from 0 to 255'),
  'x-single-active-consumer': value =>
    typeof value === 'boolean' ? undefined : 'is not true or false',
  'x-source': value =>
    typeof value === 'string' && value !== '' ? undefined : 'is not the name of a topic',
  'x-source-from': value =>
    value === 'first' || value === 'next' ? undefined : 'is neither first nor next',
}

/**
 * What is wrong with the arguments (JSON values) a queue is to be declared with, or undefined. What
 * nobody knows is let through: clients send what other brokers understand.
 */
export function queueArgumentsFlaw(declared: Arguments): string | undefined {
  for (const [name, value] of Object.entries(declared)) {
    const flaw = Object.hasOwn(flaws, name)
      ? flaws[name]!(value)
      : name.startsWith(PREFIX)
        ? policyKeys.get(name.slice(PREFIX.length))?.flaw(value)
        : undefined
    if (flaw !== undefined) return `argument ${name}: ${JSON.stringify(value)} ${flaw}`
  }
  const hasKey = declared['x-dead-letter-routing-key'] !== undefined
  if (hasKey && declared['x-dead-letter-exchange'] === undefined) {
    return 'argument x-dead-letter-routing-key needs x-dead-letter-exchange'
  }
  return undefined
}

/** Those no other broker has: a client that sends one means it. */
const ownNames = [
  'x-source',
  'x-source-from',
  'x-message-groups',
  'x-list-head',
  'x-visibility-timeout',
  'x-retention-ms',
  'x-retention-bytes',
  'x-delayed-retry-backoff',
  'x-delayed-retry-delays',
]

/** The same, of what no other broker has: for protocols that check the rest in their words. */
export function ownArgumentsFlaw(declared: Arguments): string | undefined {
  const entries = Object.entries(declared).filter(([name]) => ownNames.includes(name))
  return entries.length === 0 ? undefined : queueArgumentsFlaw(Object.fromEntries(entries))
}

/** The topic a queue is asked to subscribe to, and where it begins there. Not checked. */
export function sourceOf(declared: Arguments): DeclareOptions & { readonly source: string | null } {
  const { 'x-source': source, 'x-source-from': from } = declared
  return {
    source: typeof source === 'string' ? source : null,
    ...(from === 'first' || from === 'next' ? { from } : {}),
  }
}
