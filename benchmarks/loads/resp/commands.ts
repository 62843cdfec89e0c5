import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Peer } from './peers.ts'
import type { Settings } from './settings.ts'

/** Numbers of one run by name, such as requests a second. */
export type Result = Record<string, number>

/** What redis-benchmark sends; RPOP takes what LPUSH left behind. */
const words: Readonly<Record<string, (body: string) => readonly string[]>> = {
  PUBLISH: body => ['PUBLISH', 'channel', body],
  LPUSH: body => ['LPUSH', 'list', body],
  RPOP: () => ['RPOP', 'list'],
  XADD: body => ['XADD', 'stream', '*', 'field', body],
  SET: body => ['SET', 'key:__rand_int__', body],
  GET: () => ['GET', 'key:__rand_int__'],
}

const run = promisify(execFile)

/** Requests a second, by command, pipelining and size. */
export async function runCommands(peer: Peer, settings: Settings): Promise<Result> {
  const result: Result = {}
  for (const sizeBytes of settings.sizesBytes) {
    for (const pipeline of settings.pipelines) {
      await run('redis-cli', ['-p', String(peer.port), 'FLUSHALL'])
      for (const name of settings.only) {
        const command = words[name]?.('x'.repeat(sizeBytes))
        if (command === undefined)
          throw new Error(`no test "${name}": ${Object.keys(words).join(', ')}`)
        const label = `${name}, ${sizeBytes} B, ${pipeline} at once`
        result[label] = await rateOf(peer, settings, pipeline, command)
      }
    }
  }
  return result
}

async function rateOf(
  peer: Peer,
  settings: Settings,
  pipeline: number,
  command: readonly string[],
): Promise<number> {
  const requests = settings.requests * (pipeline > 1 ? 10 : 1)
  const { stdout } = await run('redis-benchmark', [
    ...['-p', String(peer.port), '-n', String(requests), '-c', String(settings.connections)],
    ...['-P', String(pipeline), '-r', '100000', '--csv', ...command],
  ])
  const rate = stdout
    .split('\n')
    .findLast(line => line.startsWith('"'))
    ?.split('","')[1]
  if (rate === undefined) throw new Error(`redis-benchmark says: ${stdout}`)
  return Math.round(Number(rate))
}
