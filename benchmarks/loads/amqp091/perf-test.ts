import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Jars } from '../../../test/clients/jars.ts'
import type { Outcome } from '../../harness/suite.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const QUEUE = 'perf-test'
const jars = new Jars('perf-test', join(import.meta.dirname, 'pom.xml'))

/**
 * RabbitMQ's own load program, from Maven; needs Java. It has no warm-up: its averages are of the
 * whole run. Without a rate in the settings, latency would be that of its own window.
 */
export async function runPerfTest(settings: Settings): Promise<Outcome> {
  await jars.fetch()
  const { consumers, host, port, rate } = settings
  const seconds = settings.seconds + settings.warmupSeconds
  const options = [
    ...['--uri', `amqp://guest:guest@${host}:${port}`, '--metrics-format', 'compact'],
    ...['--producers', String(settings.publishers), '--consumers', String(consumers)],
    ...['--confirm', String(settings.window), '--size', String(settings.bodyBytes)],
    ...['--time', String(seconds), '--queue', QUEUE, '--auto-delete', 'false'],
    ...(consumers === 0 ? [] : ['--qos', String(settings.prefetch)]),
    ...(settings.ackEvery > 1 ? ['--multi-ack-every', String(settings.ackEvery)] : []),
    ...(settings.isPersistent ? ['--flag', 'persistent'] : []),
    ...(rate > 0 ? ['--rate', String(rate)] : []),
  ]
  const words = ['-cp', `${jars.folder}/*`, 'com.rabbitmq.perf.PerfTest', ...options]
  const { stdout } = await promisify(execFile)('java', words, { maxBuffer: 64 * 1024 * 1024 })
  const wire = await Wire.open(host, port)
  await wire.delete(QUEUE)
  wire.close()
  const published = averageOf('sending', stdout)
  const delivered = averageOf('receiving', stdout)
  return {
    figures: {
      published,
      ...(consumers === 0 ? {} : { delivered }),
      ...(rate === 0 ? {} : latenciesOf(stdout)),
    },
    messages: Math.max(published, delivered) * seconds,
  }
}

/** Messages a second. */
export function averageOf(kind: 'sending' | 'receiving', output: string): number {
  const found = new RegExp(`${kind} rate avg: (\\d+) msg/s`).exec(output)
  return Number(found?.[1] ?? 0)
}

/** Of the summary, in milliseconds: it writes microseconds. */
export function latenciesOf(output: string): { p50: number; p99: number } {
  const line = /consumer latency min\/median\/75th\/95th\/99th ([\d/]+) µs/g
  const [, median, , , highest] = [...output.matchAll(line)].at(-1)?.[1]?.split('/') ?? []
  if (median === undefined || highest === undefined) throw new Error(`no latencies in: ${output}`)
  return { p50: Number(median) / 1000, p99: Number(highest) / 1000 }
}
