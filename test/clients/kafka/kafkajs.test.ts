import { kafkajsKind } from './drivers/kafkajs/driver.ts'
import { describeClient } from './in-process.ts'

describeClient(kafkajsKind)
