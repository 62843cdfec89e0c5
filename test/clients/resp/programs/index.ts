import type { Program } from '../scenario.ts'
import { bullmqProgram } from './bullmq.ts'
import { ioredisPrograms } from './ioredis.ts'
import { nodeRedisPrograms } from './node-redis.ts'

/** Those that run in this process. */
export const npmPrograms: readonly Program[] = [
  ...ioredisPrograms,
  ...nodeRedisPrograms,
  bullmqProgram,
]

export const programs: readonly Program[] = [...npmPrograms]
