import type { Program } from '../scenario.ts'
import { bullmqProgram } from './bullmq.ts'
import { goPrograms } from './go/program.ts'
import { ioredisPrograms } from './ioredis.ts'
import { javaPrograms } from './java/program.ts'
import { nodeRedisPrograms } from './node-redis.ts'
import { pythonPrograms } from './python/program.ts'
import { redisBenchmark, redisCli } from './redis-tools.ts'

/** Those that run in this process. */
export const npmPrograms: readonly Program[] = [
  ...ioredisPrograms,
  ...nodeRedisPrograms,
  bullmqProgram,
]

export const programs: readonly Program[] = [
  ...npmPrograms,
  redisCli,
  redisBenchmark,
  ...pythonPrograms,
  ...goPrograms,
  ...javaPrograms,
]
