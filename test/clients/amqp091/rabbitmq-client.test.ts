import { rabbitmqClientKind } from './drivers/rabbitmq-client.ts'
import { describeClient } from './in-process.ts'

describeClient(rabbitmqClientKind)
