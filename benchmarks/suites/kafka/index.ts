import type { Suite } from '../../harness/suite.ts'
import { kafka, kafkaFlush } from '../../sides/kafka.ts'
import { sabir } from '../../sides/sabir.ts'
import { fanOutWorkloads, latencyWorkloads } from './follow.ts'
import { socketWorkloads } from './sockets.ts'
import { toolWorkloads } from './tools.ts'
import { warmed } from './warm.ts'

export const kafkaSuite: Suite = {
  name: 'kafka',
  title: "Kafka's clients",
  load:
    "Kafka's own programs with the clients' defaults (acks=all): kafka-producer-perf-test, as " +
    'many records as the first side takes in the time by a short trial, the same number for all (' +
    'a quarter of it where each is flushed), a third to warm up; kafka-consumer-perf-test,' +
    ' which reads them, joining not counted; kafka-e2e-latency. Ours over plain sockets, four ' +
    'connections with five requests each ahead: batches of 16 KiB made beforehand; latency from ' +
    'when a record was due, two seconds at the rate to warm up. A server is warmed up with both ' +
    'after its start, and has all workloads of a round: peak memory holds what earlier ones left.',
  sides: [sabir('kafka'), kafka, kafkaFlush],
  // From light to heavy: what a heavy one takes of memory is not all given back.
  workloads: [...latencyWorkloads, ...toolWorkloads, ...socketWorkloads, ...fanOutWorkloads].map(
    warmed,
  ),
}
