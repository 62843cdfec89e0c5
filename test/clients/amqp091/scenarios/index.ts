import type { Scenario } from '../stage.ts'
import { consumingScenarios } from './consuming.ts'
import { edgeScenarios } from './edges.ts'
import { lifetimeScenarios } from './lifetime.ts'
import { limitScenarios } from './limits.ts'
import { publishingScenarios } from './publishing.ts'
import { refusalScenarios } from './refusals.ts'
import { restartScenarios } from './restart.ts'
import { routingScenarios } from './routing.ts'

export const scenarios: readonly Scenario[] = [
  ...publishingScenarios,
  ...consumingScenarios,
  ...routingScenarios,
  ...limitScenarios,
  ...lifetimeScenarios,
  ...refusalScenarios,
  ...edgeScenarios,
  ...restartScenarios,
]
