import type { DriverKind } from '../driver.ts'
import { javaKind } from './java/driver.ts'
import { kafkajsKind } from './kafkajs/driver.ts'

export { javaFolder } from './java/driver.ts'

/** Every client the scenarios run with. */
export const kinds: readonly DriverKind[] = [kafkajsKind, javaKind]
