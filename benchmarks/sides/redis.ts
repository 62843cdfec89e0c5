import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Side } from '../harness/side.ts'
import { answersPing } from '../loads/resp/wire.ts'
import { installDebian } from './debian.ts'

const run = promisify(execFile)

const appendOnly = (policy: string): readonly string[] => [
  ...['--appendonly', 'yes', '--appendfsync', policy],
]

export const redisEverysec: Side = redis({
  name: 'redis-everysec',
  title: 'Redis, appendfsync everysec',
  durability:
    'its append-only file is written before it answers, unless it is being synced, and synced ' +
    'every second',
  options: appendOnly('everysec'),
})

export const redisAlways: Side = redis({
  name: 'redis-always',
  title: 'Redis, appendfsync always',
  durability: 'synced to disk before it answers (append-only file)',
  options: appendOnly('always'),
})

/** For comparison only: it promises nothing. */
export const redisMemory: Side = redis({
  name: 'redis-memory',
  title: 'Redis, nothing kept',
  durability: 'none: nothing is written',
  options: ['--appendonly', 'no'],
})

type Kind = Pick<Side, 'name' | 'title' | 'durability'> & { readonly options: readonly string[] }

/** Debian's package with its defaults, but for what is kept and where. */
function redis({ name, title, durability, options }: Kind): Side {
  return {
    name,
    title,
    durability,
    prepare: async () => {
      const found = await run('which', ['redis-server', 'redis-benchmark']).catch(() => null)
      if (found === null) await installDebian(['redis-server', 'redis-tools'])
      const { stdout } = await run('redis-server', ['--version'])
      return `${/v=([\d.]+)/.exec(stdout)?.[1] ?? 'unknown'} (Debian)`
    },
    command: async (port, folder) => ({
      line: [
        ...['redis-server', '--port', String(port), '--dir', folder, '--save', ''],
        ...['--maxclients', '20000', ...options],
      ],
      serves: answersPing,
    }),
  }
}
