import type { Suite } from '../harness/suite.ts'
import { amqp091BacklogSuite } from './amqp091/backlog.ts'
import { amqp091Suite } from './amqp091/index.ts'
import { memorySuites } from './broker/memory.ts'
import { recoverySuites } from './broker/recovery.ts'
import { startSuite } from './broker/start.ts'
import { kafkaBacklogSuite } from './kafka/backlog.ts'
import { kafkaSuite } from './kafka/index.ts'
import { redisAlwaysSuite, redisBacklogSuite, redisEverysecSuite } from './redis/index.ts'

/** In the order they run, and stand in docs/performance.md. */
export const suites: readonly Suite[] = [
  kafkaSuite,
  kafkaBacklogSuite,
  amqp091Suite,
  amqp091BacklogSuite,
  redisEverysecSuite,
  redisAlwaysSuite,
  redisBacklogSuite,
  startSuite,
  ...memorySuites,
  ...recoverySuites,
]
