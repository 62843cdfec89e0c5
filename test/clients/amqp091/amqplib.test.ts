import { amqplibKind } from './drivers/amqplib.ts'
import { describeClient } from './in-process.ts'

describeClient(amqplibKind)
