import type { Suite } from '../../harness/suite.ts'
import { redisAlways } from '../../sides/redis.ts'
import { sabir } from '../../sides/sabir.ts'
import { sharedLoad } from './load.ts'
import { warmed } from './warm.ts'
import {
  blockingPops,
  commands,
  groupReads,
  latencyAt,
  latencyNearMaximum,
  type Targets,
} from './workloads.ts'

const writes = ['LPUSH', 'RPOP', 'XADD', 'SET', 'INCR', 'HSET', 'ZADD'] as const
const targets: Targets = { 'redis-always': 1.5 }

export const redisAlwaysSuite: Suite = {
  name: 'redis-always',
  title: "Redis' clients, appendfsync always",
  load: sharedLoad,
  sides: [
    sabir('resp', {
      options: ['--resp-appendfsync', 'always'],
      durability: 'synced to disk (fdatasync) before it answers',
    }),
    redisAlways,
  ],
  workloads: [
    ...commands(writes, { pipeline: 1, targets }),
    ...commands(['GET'], { pipeline: 1 }),
    ...commands(writes, { pipeline: 16, targets }),
    ...commands(['GET'], { pipeline: 16 }),
    ...commands(['LPUSH', 'XADD', 'SET'], { pipeline: 100, targets }),
    ...commands(['LPUSH', 'XADD', 'SET'], { pipeline: 1, bodyBytes: 1024, targets }),
    ...commands(['LPUSH', 'XADD', 'SET'], { pipeline: 16, bodyBytes: 1024, targets }),
    ...commands(['LPUSH', 'XADD', 'SET'], { pipeline: 1, bodyBytes: 16 * 1024, targets }),
    blockingPops(16, targets),
    groupReads(16, targets),
    latencyAt(1000),
    latencyAt(10_000),
    latencyAt(50_000),
    latencyNearMaximum,
  ].map(warmed),
}
