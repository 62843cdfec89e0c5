import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Jars } from '../../../test/clients/jars.ts'
import type { Result } from './runs.ts'
import type { Settings } from './settings.ts'

/** RabbitMQ's own load program, from Maven; needs Java. */
export async function runPerfTest(settings: Settings): Promise<Result> {
  const jars = new Jars('perf-test', join(import.meta.dirname, 'pom.xml'))
  await jars.fetch()
  const seconds = settings.seconds + settings.warmupSeconds
  const options = [
    ...['--uri', `amqp://guest:guest@${settings.host}:${settings.port}`],
    ...['--producers', String(settings.publishers), '--size', String(settings.bodyBytes)],
    ...['--consumers', String(settings.mode === 'publish' ? 0 : settings.consumers)],
    ...['--confirm', String(settings.window), '--qos', String(settings.prefetch)],
    ...['--multi-ack-every', String(settings.ackEvery), '--time', String(seconds)],
    ...['--queue', 'perf-test', '--auto-delete', 'false'],
    ...(settings.isPersistent ? ['--flag', 'persistent'] : []),
  ]
  const words = ['-cp', `${jars.folder}/*`, 'com.rabbitmq.perf.PerfTest', ...options]
  const { stdout } = await promisify(execFile)('java', words, { maxBuffer: 64 * 1024 * 1024 })
  const average = (kind: string): number => {
    const found = new RegExp(`${kind} rate avg: (\\d+) msg/s`).exec(stdout)
    return found === null ? 0 : Number(found[1])
  }
  return { sent: average('sending'), received: average('receiving') }
}
