import type { Scenario } from '../stage.ts'

export const refusalScenarios: readonly Scenario[] = []
