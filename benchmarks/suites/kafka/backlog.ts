import type { Suite } from '../../harness/suite.ts'
import { runBacklog } from '../../loads/kafka/backlog.ts'
import { settingsOf } from '../../loads/kafka/settings.ts'
import { kafka } from '../../sides/kafka.ts'
import { sabir } from '../../sides/sabir.ts'
import { withTwoPeaks } from '../two-peaks.ts'
import { freshTopic } from './shapes.ts'

const shape = { recordBytes: 1024, partitions: 16 }
const CONNECTIONS = 4
const SECONDS_MAX = 1800

export const kafkaBacklogSuite: Suite = {
  name: 'kafka-backlog',
  title: "A backlog in a topic (Kafka's clients)",
  load:
    'Our generator: so many bytes in records of 1 KiB written to 16 partitions over four ' +
    'connections, batches of 16 KiB, five requests each ahead; then read from the first one on ' +
    'over four connections, while a fifth of the rate found before goes on being written, until ' +
    'nothing is left.',
  sides: [sabir('kafka'), kafka],
  isFreshEach: true,
  workloads: [
    {
      name: 'backlog of 1 KiB records',
      secondsMax: SECONDS_MAX,
      figures: [
        { name: 'written at', unit: 'MB/s', better: 'more', targets: { kafka: 1 } },
        { name: 'drained at', unit: 'MB/s', better: 'more', targets: { kafka: 1 } },
        { name: 'peak memory, writing', unit: 'MB', better: 'less', targets: { kafka: 0.25 } },
        { name: 'peak memory, draining', unit: 'MB', better: 'less', targets: { kafka: 0.25 } },
      ],
      run: async (subject, { backlogBytes }) => {
        const { recordBytes } = shape
        const topic = await freshTopic(subject, shape)
        const given = { ...shape, port: subject.port, topic, connections: CONNECTIONS }
        return withTwoPeaks(subject, backlogBytes, async written => {
          const found = await runBacklog(settingsOf({ ...given, backlogBytes }), written)
          return {
            messages: found.records,
            payloadBytes: found.records * recordBytes,
            figures: {
              'written at': (found.writtenPerSecond * recordBytes) / 1e6,
              'drained at': (found.drainedPerSecond * recordBytes) / 1e6,
            },
          }
        })
      },
    },
  ],
}
