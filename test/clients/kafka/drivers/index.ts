import type { DriverKind } from '../driver.ts'
import { franzKind, saramaKind } from './go/driver.ts'
import { javaKind } from './java/driver.ts'
import { kafkajsKind } from './kafkajs/driver.ts'
import { platformaticKind } from './platformatic/driver.ts'
import { kcatKind } from './kcat/driver.ts'
import { aiokafkaKind, confluentKind, kafkaPythonKind } from './python/driver.ts'

export { javaFolder } from './java/driver.ts'

/** Every client the scenarios run with. */
export const kinds: readonly DriverKind[] = [
  kafkajsKind,
  platformaticKind,
  javaKind,
  confluentKind,
  kcatKind,
  kafkaPythonKind,
  aiokafkaKind,
  franzKind,
  saramaKind,
]
