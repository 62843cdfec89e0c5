import type { Suite } from '../../harness/suite.ts'
import { redisEverysec, redisMemory } from '../../sides/redis.ts'
import { sabirEverysec } from '../../sides/sabir.ts'
import { sharedLoad } from './load.ts'
import { warmed } from './warm.ts'
import {
  blockingPops,
  command,
  commands,
  fanOut,
  groupReads,
  latencyAt,
  latencyNearMaximum,
  type Targets,
} from './workloads.ts'

const all = ['LPUSH', 'RPOP', 'XADD', 'PUBLISH', 'SET', 'GET', 'INCR', 'HSET', 'ZADD'] as const
const targets: Targets = { 'redis-everysec': 1 }
/** What keeps nothing is beside the smallest workloads only. */
const kept = ['sabir', 'redis-everysec']
const batched = { pipeline: 16, targets, sides: kept }

export const redisEverysecSuite: Suite = {
  name: 'redis-everysec',
  title: "Redis' clients, appendfsync everysec",
  load: sharedLoad,
  sides: [sabirEverysec, redisEverysec, redisMemory],
  workloads: [
    ...commands(all, { pipeline: 1 }),
    ...commands(all, { pipeline: 16, targets }),
    ...commands(['LPUSH', 'RPOP', 'XADD', 'PUBLISH', 'SET', 'GET'], { ...batched, pipeline: 100 }),
    ...commands(['LPUSH', 'SET'], { ...batched, bodyBytes: 10 }),
    ...commands(['LPUSH', 'XADD', 'SET'], { ...batched, bodyBytes: 100 }),
    ...commands(['LPUSH', 'RPOP', 'XADD', 'PUBLISH', 'SET', 'GET'], {
      ...batched,
      bodyBytes: 1024,
    }),
    ...commands(['LPUSH', 'XADD', 'SET', 'GET'], { ...batched, bodyBytes: 16 * 1024 }),
    command('LPUSH', { pipeline: 1, bodyBytes: 1024 * 1024, sides: kept }),
    command('SET', { pipeline: 1, bodyBytes: 1024 * 1024, sides: kept }),
    ...commands(['LPUSH', 'XADD'], { ...batched, keys: 16 }),
    ...commands(['LPUSH', 'XADD'], { ...batched, keys: 1000 }),
    ...[1, 10, 100].map(subscribers => ({ ...fanOut(subscribers), sides: kept })),
    { ...blockingPops(16), sides: kept },
    { ...groupReads(16), sides: kept },
    ...[1000, 10_000, 50_000].map(rate => ({ ...latencyAt(rate), sides: kept })),
    { ...latencyNearMaximum, sides: kept },
  ].map(warmed),
}
