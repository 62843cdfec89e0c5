import type { Launch } from '../brokers.ts'

/** Debian's redis-server, without what it would write: what the scripts are measured against. */
export const redisServer = (...options: readonly string[]): Launch => ({
  name: 'redis-server',
  command: (port, folder) => ({
    line: [
      ...['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--enable-debug-command', 'local', ...options],
    ],
  }),
})
