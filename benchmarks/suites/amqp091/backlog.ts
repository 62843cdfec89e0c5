import type { Suite } from '../../harness/suite.ts'
import { backlog } from '../../loads/amqp091/backlog.ts'
import { settingsDefault } from '../../loads/amqp091/settings.ts'
import { rabbitmq } from '../../sides/rabbitmq.ts'
import { sabir } from '../../sides/sabir.ts'
import { withTwoPeaks } from '../two-peaks.ts'

const BODY_BYTES = 16 * 1024
const SECONDS_MAX = 1800

export const amqp091BacklogSuite: Suite = {
  name: 'amqp091-backlog',
  title: 'A backlog in a queue (AMQP 0-9-1)',
  load:
    'Our generator: so many bytes in messages of 16 KiB written with confirms, 4,000 ahead; then ' +
    'taken and acknowledged one by one, prefetch 2,000, while a fifth of the rate found before ' +
    'goes on being written, until nothing is left.',
  sides: [sabir('amqp091'), rabbitmq],
  isFreshEach: true,
  workloads: [
    {
      name: 'backlog of 16 KiB messages',
      secondsMax: SECONDS_MAX,
      figures: [
        { name: 'written at', unit: 'MB/s', better: 'more', targets: { rabbitmq: 1 } },
        { name: 'drained at', unit: 'MB/s', better: 'more', targets: { rabbitmq: 1 } },
        { name: 'peak memory, writing', unit: 'MB', better: 'less' },
        { name: 'peak memory, draining', unit: 'MB', better: 'less' },
      ],
      run: (subject, { backlogBytes }) => {
        const { port } = subject
        const count = Math.ceil(backlogBytes / BODY_BYTES)
        const settings = { ...settingsDefault, port, count, bodyBytes: BODY_BYTES, window: 4000 }
        return withTwoPeaks(subject, backlogBytes, written => backlog(settings, written))
      },
    },
  ],
}
