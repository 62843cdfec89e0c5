import type { Side } from '../../harness/side.ts'
import { kafka } from '../../sides/kafka.ts'
import { rabbitmq } from '../../sides/rabbitmq.ts'
import { redisEverysec } from '../../sides/redis.ts'
import { sabir, sabirEverysec } from '../../sides/sabir.ts'
import { amqp091Client, type Client, kafkaClient, respClient } from './clients.ts'

/** Sabir and the broker whose protocol it speaks, each as it is by default. */
export type Pair = {
  readonly name: string
  readonly title: string
  readonly client: Client
  readonly sides: readonly [Side, Side]
}

export const pairs: readonly Pair[] = [
  {
    name: 'kafka',
    title: 'Apache Kafka',
    client: kafkaClient,
    sides: [sabir('kafka'), kafka],
  },
  {
    name: 'amqp091',
    title: 'RabbitMQ',
    client: amqp091Client,
    sides: [sabir('amqp091'), rabbitmq],
  },
  {
    name: 'redis',
    title: 'Redis',
    client: respClient,
    sides: [sabirEverysec, redisEverysec],
  },
]
