import type { Suite } from '../../harness/suite.ts'
import { kafka, kafkaFlush } from '../../sides/kafka.ts'
import { sabir } from '../../sides/sabir.ts'
import { fanOutWorkloads, latencyWorkloads } from './follow.ts'
import { socketWorkloads } from './sockets.ts'
import { toolWorkloads } from './tools.ts'

export const kafkaSuite: Suite = {
  name: 'kafka',
  title: "Kafka's clients",
  load: `kafka-producer-perf-test and kafka-consumer-perf-test, the clients' defaults (acks=all)`,
  sides: [sabir('kafka'), kafka, kafkaFlush],
  workloads: [...toolWorkloads, ...socketWorkloads, ...fanOutWorkloads, ...latencyWorkloads],
}
