import type { RetryPolicy } from '../settings.ts'

/** How long what came back stays away, in milliseconds; null: not at all. `attempt` is from 1. */
export function retryDelayMs(
  policy: RetryPolicy,
  isCounted: boolean,
  attempt: number,
): number | null {
  if (policy.applies !== 'all' && (policy.applies === 'failed') !== isCounted) return null
  const delayMs = Math.min(backoffMs(policy, attempt), policy.delayMsMax)
  return delayMs > 0 ? delayMs : null
}

function backoffMs({ backoff, delayMsMin }: RetryPolicy, attempt: number): number {
  if (backoff === 'linear') return delayMsMin * attempt
  if (backoff === 'exponential') return delayMsMin * 2 ** (attempt - 1)
  return Math.max(delayMsMin, backoff[Math.min(attempt, backoff.length) - 1] ?? delayMsMin)
}
