import { amqpTools } from './amqp-tools.ts'
import { celery } from './celery/program.ts'
import type { Program } from './program.ts'
import { rabbitmqClientProgram } from './rabbitmq-client.ts'
import { spring } from './spring/program.ts'

export type { Program }

export const programs: readonly Program[] = [amqpTools, rabbitmqClientProgram, celery, spring]
