import type { Scenario } from '../stage.ts'

export const lifetimeScenarios: readonly Scenario[] = []
