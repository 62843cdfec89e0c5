import type { DriverKind } from '../driver.ts'
import { amqplibKind } from './amqplib.ts'
import { goKind } from './go/driver.ts'
import { javaKind } from './java/driver.ts'
import { rabbitmqClientKind } from './rabbitmq-client.ts'
import { pikaKind } from './python/driver.ts'

/** Every client the scenarios run with. */
export const kinds: readonly DriverKind[] = [
  amqplibKind,
  rabbitmqClientKind,
  pikaKind,
  javaKind,
  goKind,
]
