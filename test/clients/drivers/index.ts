import type { DriverKind } from '../driver.ts'
import { javaKind } from './java/driver.ts'
import { kafkajsKind } from './kafkajs/driver.ts'
import { platformaticKind } from './platformatic/driver.ts'
import { confluentKind } from './python/driver.ts'

export { javaFolder } from './java/driver.ts'

/** Every client the scenarios run with. */
export const kinds: readonly DriverKind[] = [kafkajsKind, platformaticKind, javaKind, confluentKind]
