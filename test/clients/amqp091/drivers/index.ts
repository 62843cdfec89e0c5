import type { DriverKind } from '../driver.ts'
import { amqplibKind } from './amqplib.ts'

/** Every client the scenarios run with. */
export const kinds: readonly DriverKind[] = [amqplibKind]
