import { kinds, type Parameter } from '../parameters/index.ts'
import type { Services } from '../services.ts'
import { scriptsOf } from './scripts.ts'

/** The same parameter, under its name before Redis 7, too. */
const names = ['busy-reply-threshold', 'lua-time-limit']
const HOUR_MS = 3_600_000

/**
 * How long a script may run. Redis lets it run on and tells others that it is busy; here nobody
 * else would be heard, so it ends.
 */
export const scriptParameters = (services: Services): readonly Parameter[] =>
  names.map(name =>
    kinds.integer(
      name,
      { min: 0, max: HOUR_MS },
      () => scriptsOf(services).timeMs,
      value => {
        scriptsOf(services).timeMs = value
      },
    ),
  )
