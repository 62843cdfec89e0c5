import type { Suite } from '../../harness/suite.ts'
import { kafka } from '../../sides/kafka.ts'
import { rabbitmq } from '../../sides/rabbitmq.ts'
import { redisEverysec } from '../../sides/redis.ts'
import { sabir } from '../../sides/sabir.ts'

export const startSuite: Suite = {
  name: 'start',
  title: 'Start-up',
  load:
    'none: the time from the command to the first client that is answered in the protocol, asked ' +
    'every two milliseconds. The folder is empty (formatted beforehand for Apache Kafka).',
  sides: [sabir('kafka'), kafka, rabbitmq, redisEverysec],
  isFreshEach: true,
  workloads: [
    {
      name: 'empty folder',
      isFromStart: true,
      figures: [{ name: 'ready', unit: 'ms', better: 'less', targets: { kafka: 0.1 } }],
      run: async ({ readyMs }) => ({ figures: { ready: readyMs } }),
    },
  ],
}
