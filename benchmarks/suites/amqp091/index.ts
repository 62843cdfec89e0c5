import { AFTER_WRITING, settle } from '../../harness/settle.ts'
import type { Figure, RunSettings, Suite, Workload } from '../../harness/suite.ts'
import type { Subject } from '../../harness/side.ts'
import { latency, latencyNearMaximum } from '../../loads/amqp091/latency.ts'
import { runPerfTest } from '../../loads/amqp091/perf-test.ts'
import { type Settings, settingsDefault } from '../../loads/amqp091/settings.ts'
import { both, fanOut, publish } from '../../loads/amqp091/throughput.ts'
import { rabbitmq } from '../../sides/rabbitmq.ts'
import { sabir } from '../../sides/sabir.ts'
import { size } from '../size.ts'

/** Of bodies, in bytes. */
const sizes = [10, 16, 100, 1024, 16 * 1024, 1024 * 1024]
const WINDOW_BYTES_MAX = 64 * 1024 * 1024
/** Connections that many queues are dealt out to. */
const CONSUMERS_MANY = 4

/** What is said for a workload, over the load's own defaults. */
function settingsOf(
  { port }: Subject,
  { seconds }: RunSettings,
  changes: Partial<Settings>,
): Settings {
  const { bodyBytes = settingsDefault.bodyBytes } = changes
  const window = Math.min(settingsDefault.window, Math.floor(WINDOW_BYTES_MAX / bodyBytes))
  return { ...settingsDefault, port, seconds, warmupSeconds: 1, window, ...changes }
}

const rate = (name: string, target = 1): Figure => ({
  name,
  unit: 'msg/s',
  better: 'more',
  targets: { rabbitmq: target },
})

const publishes = (bodyBytes: number, queues: number): Workload => ({
  name: `publish, ${size(bodyBytes)}, ${queuesText(queues)}`,
  group: 'Publish with confirms',
  figures: [rate('published')],
  run: async (subject, run) => {
    const outcome = await publish(settingsOf(subject, run, { bodyBytes, queues }))
    // What the server puts off is a part of what a message costs.
    await settle(subject, AFTER_WRITING)
    return outcome
  },
})

/** By size, where more was promised than not to be slower. */
const endToEndTargets: Readonly<Record<number, number>> = { 16: 8, 1024: 5 }

const endToEnd = (bodyBytes: number, queues: number): Workload => ({
  name: `end to end, ${size(bodyBytes)}, ${queuesText(queues)}`,
  group: 'Published, handed out and acknowledged',
  figures: [rate('delivered', queues === 1 ? endToEndTargets[bodyBytes] : 1)],
  run: (subject, run) => {
    const consumers = Math.min(queues, CONSUMERS_MANY)
    return both(settingsOf(subject, run, { bodyBytes, queues, consumers }))
  },
})

const perfTest = (bodyBytes: number): Workload => ({
  name: `PerfTest, ${size(bodyBytes)}`,
  group: "RabbitMQ's PerfTest",
  figures: [rate('delivered', endToEndTargets[bodyBytes]), { ...rate('published'), targets: {} }],
  run: (subject, run) => runPerfTest(settingsOf(subject, run, { bodyBytes })),
})

const reached: Figure = { name: 'reached', unit: 'msg/s', better: 'more' }
const percentile = (name: string, targets: Figure['targets'] = {}): Figure => ({
  name,
  unit: 'ms',
  better: 'less',
  targets,
})

const latencyAt = (messages: number, text: string): Workload => ({
  name: `latency, 16 B, ${text}`,
  group: 'End-to-end latency at a fixed rate',
  figures: [
    percentile('p50'),
    percentile('p99', { rabbitmq: 1 }),
    percentile('p99.9'),
    { ...reached },
  ],
  run: (subject, run) => latency(settingsOf(subject, run, { rate: messages })),
})

const latencyNearMost: Workload = {
  name: 'latency, 16 B, at 80 % of the maximum',
  group: 'End-to-end latency at a fixed rate',
  figures: [percentile('p50'), percentile('p99'), percentile('p99.9'), reached],
  run: (subject, run) => {
    const halves = { ...run, seconds: run.seconds / 2 }
    return latencyNearMaximum(settingsOf(subject, halves, {}))
  },
}

const fansOut = (queues: number): Workload => ({
  name: `fan-out, 16 B, to ${queuesText(queues)}`,
  group: 'One fanout exchange',
  figures: [rate('delivered')],
  run: (subject, run) => {
    const consumers = Math.min(queues, CONSUMERS_MANY)
    return fanOut(settingsOf(subject, run, { queues, consumers }))
  },
})

/** What was put off before does not fall into it. */
const settled = (workload: Workload): Workload => ({
  ...workload,
  prepare: subject => settle(subject, AFTER_WRITING),
})

const queuesText = (count: number): string =>
  count === 1 ? '1 queue' : `${count.toLocaleString('en-US')} queues`

export const amqp091Suite: Suite = {
  name: 'amqp091',
  title: 'Queues (AMQP 0-9-1)',
  load:
    'Our generator (npm run load -- amqp091): raw frames over plain sockets, one publishing ' +
    'connection, one consuming one (four with many queues), 20,000 messages or 64 MiB ahead of ' +
    'their confirms, prefetch 2,000, every message acknowledged by itself; a second of ' +
    'warm-up, before it time for what the server had put off. ' +
    "And RabbitMQ's PerfTest 2.22.1 with the same settings; it shares the cores with the broker.",
  sides: [sabir('amqp091'), rabbitmq],
  workloads: [
    ...sizes.map(bodyBytes => publishes(bodyBytes, 1)),
    publishes(16, 16),
    publishes(16, 1000),
    ...[
      ...sizes.map(bodyBytes => endToEnd(bodyBytes, 1)),
      endToEnd(16, 16),
      endToEnd(16, 1000),
      perfTest(16),
      perfTest(1024),
      latencyAt(1000, '1,000 msg/s'),
      latencyAt(10_000, '10,000 msg/s'),
      latencyAt(50_000, '50,000 msg/s'),
      latencyNearMost,
      fansOut(1),
      fansOut(10),
      fansOut(100),
    ].map(settled),
  ],
}
