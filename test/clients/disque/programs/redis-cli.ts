import { run } from '../../build.ts'
import type { Program } from '../program.ts'

/** Debian's redis-cli, which is what the command `disque` was. */
export const redisCli: Program = {
  name: 'redis-cli',
  prepare: async () => {
    await run('redis-cli', ['--version'])
  },
  run: async ({ address, note }) => {
    const [host = '', port = ''] = address.split(':')
    const cli = async (...words: string[]): Promise<string> =>
      (await run('redis-cli', ['-h', host, '-p', port, ...words])).trimEnd()
    const shown = (...words: string[]): Promise<string> => cli('--no-raw', ...words)
    await cli('DEBUG', 'FLUSHALL')
    const id = await cli('ADDJOB', 'cli', 'body', '0', 'TTL', '3600', 'RETRY', '60')
    note('added', id)
    note('queues', await shown('QSCAN'))
    note('length', await shown('QLEN', 'cli'))
    note('peeked', await shown('QPEEK', 'cli', '1'))
    note('got', await shown('GETJOB', 'WITHCOUNTERS', 'FROM', 'cli'))
    note('nothing', await shown('GETJOB', 'NOHANG', 'FROM', 'cli'))
    note('postponed', await shown('WORKING', id))
    note('acknowledged', await shown('ACKJOB', id))
    note('again', await shown('ACKJOB', id))
    note('not there', await shown('SHOW', id))
    note('a bad id', await shown('ACKJOB', 'x'))
    note('a syntax error', await shown('ADDJOB', 'cli', 'body', '0', 'NEVER', '1'))
    note('several', await cli('-r', '3', 'ADDJOB', 'cli', 'body', '0'))
    note('paused', await shown('PAUSE', 'cli', 'in'))
    note('refused', await shown('ADDJOB', 'cli', 'body', '0'))
    note('goes on', await shown('PAUSE', 'cli', 'none'))
    note('version', /disque_version:(\S+)/.exec(await cli('INFO'))?.[1])
    note('no such command', await shown('LPUSH', 'cli', 'x'))
  },
}
