import { totalmem } from 'node:os'
import type { Suite } from '../../harness/suite.ts'
import { runBacklog } from '../../loads/resp/backlog.ts'
import { settingsDefault } from '../../loads/resp/settings.ts'
import { redisEverysec } from '../../sides/redis.ts'
import { sabirEverysec } from '../../sides/sabir.ts'
import { withTwoPeaks } from '../two-peaks.ts'

const BODY_BYTES = 1024
const SECONDS_MAX = 1800
/** Redis holds all of it in memory, and once more what changes while it rewrites its file. */
const bytesMax = totalmem() / 4

export const redisBacklogSuite: Suite = {
  name: 'redis-backlog',
  title: "A backlog in a list (Redis' clients)",
  load:
    'Our generator: so many bytes written with LPUSH in elements of 1 KiB, 4 MB ahead of their ' +
    'replies; then taken one by one with RPOP while a fifth of the rate found before goes on ' +
    'being written, until nothing is left. At most a quarter of the memory: Redis keeps it there.',
  sides: [sabirEverysec, redisEverysec],
  isFreshEach: true,
  workloads: [
    {
      name: 'backlog of 1 KiB elements',
      secondsMax: SECONDS_MAX,
      figures: [
        { name: 'written at', unit: 'MB/s', better: 'more' },
        { name: 'drained at', unit: 'MB/s', better: 'more' },
        { name: 'peak memory, writing', unit: 'MB', better: 'less' },
        { name: 'peak memory, draining', unit: 'MB', better: 'less' },
      ],
      run: (subject, run) => {
        const backlogBytes = Math.min(run.backlogBytes, bytesMax)
        const { port } = subject
        const settings = { ...settingsDefault, port, bodyBytes: BODY_BYTES, backlogBytes }
        return withTwoPeaks(subject, backlogBytes, written => runBacklog(settings, written))
      },
    },
  ],
}
