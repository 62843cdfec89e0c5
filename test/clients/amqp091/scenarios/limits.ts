import type { Scenario } from '../stage.ts'

export const limitScenarios: readonly Scenario[] = []
