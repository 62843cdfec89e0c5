import type { Driver, DriverKind, Operation } from './driver.ts'
import type { Scenario } from './scenarios.ts'

/** Whether a client has the feature that a scenario is about. */
export function applies(scenario: Scenario, kind: DriverKind, driver: Driver): boolean {
  const can = (operation: Operation): boolean => driver.operations[operation] !== undefined
  const { compression } = scenario
  if (compression !== undefined && kind.compressions?.includes(compression) === false) return false
  return scenario.except?.[kind.name] === undefined && scenario.needs.every(can)
}
