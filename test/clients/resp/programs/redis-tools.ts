import { execFile, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../build.ts'
import type { Note, Program } from '../scenario.ts'

/** Debian's redis-cli, as people and scripts use it. */
export const redisCli: Program = {
  name: 'redis-cli',
  prepare: async () => {
    await run('redis-cli', ['--version'])
  },
  run: async (address, note) => {
    const [host = '', port = ''] = address.split(':')
    const cli = (...options: string[]): Promise<string> =>
      run('redis-cli', ['-h', host, '-p', port, ...options])
    note('flushed', await cli('FLUSHALL'))
    note('set', await cli('SET', 'k', 'v'))
    note('raw', await cli('GET', 'k'))
    note('formatted', await cli('--no-raw', 'GET', 'k'))
    note('of a pushed list', await cli('--no-raw', 'RPUSH', 'l', 'a', 'b', 'c'))
    note('range', await cli('--no-raw', 'LRANGE', 'l', '0', '-1'))
    note('as csv', await cli('--csv', 'LRANGE', 'l', '0', '-1'))
    note('in RESP3', await cli('-3', '--no-raw', 'HGETALL', 'missing'))
    note('json', await cli('--json', 'LRANGE', 'l', '0', '-1'))
    note('an error', await cli('LPUSH', 'k', 'x'))
    note('several times', await cli('-r', '3', 'INCR', 'n'))
    note('in a database', await cli('-n', '3', 'DBSIZE'))
    note('from stdin', await piped(host, port, ['SET a 1', 'INCR a', 'GET a', 'NOSUCH'], []))
    await massInsertion(host, port, note)
    await overviews(cli, note)
    await watching(host, port, cli, note)
  },
}

/** The recommended way to fill a Redis quickly. */
async function massInsertion(host: string, port: string, note: Note): Promise<void> {
  const lines = Array.from({ length: 20_000 }, (_, index) => `SET key:${index} value:${index}`)
  const told = await piped(host, port, lines, ['--pipe'])
  note('mass insertion', /errors: (\d+), replies: (\d+)/.exec(told)?.[0])
}

async function overviews(cli: (...options: string[]) => Promise<string>, note: Note) {
  const names = (await cli('--scan', '--pattern', 'key:1999?')).trim().split('\n')
  note('scanned', names.toSorted())
  note('all', (await cli('--scan')).trim().split('\n').length)
  const biggest = await cli('--bigkeys')
  note('biggest', /Biggest\s+list found .* has (\d+) items/.exec(biggest)?.[1])
  note('sampled', /Sampled (\d+) keys/.exec(biggest)?.[0])
  note('mode', /redis_mode:(\w+)/.exec(await cli('INFO', 'server'))?.[1])
  note('memory keys', /Sampled (\d+) keys/.exec(await cli('--memkeys'))?.[0])
}

async function watching(
  host: string,
  port: string,
  cli: (...options: string[]) => Promise<string>,
  note: Note,
): Promise<void> {
  const monitor = listening(host, port, ['MONITOR'])
  const subscriber = listening(host, port, ['--csv', 'SUBSCRIBE', 'news'])
  await monitor.until('OK')
  await subscriber.until('subscribe')
  await cli('SET', 'seen', 'a "quoted" value')
  await cli('PUBLISH', 'news', 'hello')
  note('monitored', /"SET" "seen".*/.exec(await monitor.until('"seen"'))?.[0])
  note('heard', (await subscriber.until('hello')).trim().split('\n').at(-1))
  monitor.end()
  subscriber.end()
  const latency = listening(host, port, ['--latency', '-i', '1'])
  note('latency', /^\d+ \d+ [\d.]+ \d+/.test(await latency.until('\n')))
  latency.end()
  const figures = listening(host, port, ['--stat', '-i', '0.1'])
  note('figures', /\d+M? .*\d+/.test(await figures.until('\n20')))
  figures.end()
}

/** What a program prints that goes on until it is ended. */
function listening(host: string, port: string, options: readonly string[]) {
  const child = spawn('redis-cli', ['-h', host, '-p', port, ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let printed = ''
  child.stdout.on('data', bytes => (printed += String(bytes)))
  return {
    async until(text: string): Promise<string> {
      for (let tries = 0; tries < 500 && !printed.includes(text); tries++) await sleep(20)
      return printed
    },
    end: () => child.kill(),
  }
}

function piped(
  host: string,
  port: string,
  lines: readonly string[],
  options: readonly string[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const words = ['-h', host, '-p', port, ...options]
    const child = execFile('redis-cli', words, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
    child.stdin?.end(`${lines.join('\r\n')}\r\n`)
  })
}

/** Every default test of redis-benchmark, in small: whether it ends well, not how fast. */
export const redisBenchmark: Program = {
  name: 'redis-benchmark',
  prepare: async () => {
    await run('redis-benchmark', ['--version'])
  },
  run: async (address, note) => {
    const [host = '', port = ''] = address.split(':')
    await run('redis-cli', ['-h', host, '-p', port, 'FLUSHALL'])
    for (const pipeline of ['1', '16']) {
      const options = ['-h', host, '-p', port, '-n', '5000', '-c', '20', '-P', pipeline, '--csv']
      const printed = await run('redis-benchmark', options)
      const tests = printed.split('\n').flatMap(line => /^"(.+?)","[\d.]+"/.exec(line)?.[1] ?? [])
      note(`${pipeline} at once`, tests)
      note(`${pipeline} at once: errors`, /ERR|error/.exec(printed)?.[0] ?? 'none')
    }
    note('left in the list', await run('redis-cli', ['-h', host, '-p', port, 'LLEN', 'mylist']))
  },
}
