import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/clients/brokers.ts'
import type { Side } from '../harness/side.ts'
import { javaOptions, kafkaJars } from '../loads/kafka-tools/index.ts'
import { servesKafka } from '../loads/kafka/serves.ts'

/** Apache Kafka as it is shipped: writes reach the disk when the system gets to it. */
export const kafka: Side = apacheKafka({
  name: 'kafka',
  title: 'Apache Kafka',
  durability: "written to the system's cache, not synced (its default)",
  changes: '',
})

/** Promises what Sabir promises. */
export const kafkaFlush: Side = apacheKafka({
  name: 'kafka-flush',
  title: 'Apache Kafka, flush.messages=1',
  durability: 'synced to disk before each acknowledgement (log.flush.interval.messages=1)',
  changes: 'log.flush.interval.messages=1\n',
})

type Kind = Pick<Side, 'name' | 'title' | 'durability'> & { readonly changes: string }

/** One node in KRaft mode, broker and controller, with the options of kafka-server-start.sh. */
function apacheKafka({ name, title, durability, changes }: Kind): Side {
  return {
    name,
    title,
    durability,
    prepare: async () => {
      await kafkaJars.fetch()
      return kafkaJars.version()
    },
    command: async (port, folder) => {
      const path = join(folder, 'server.properties')
      writeFileSync(path, properties(port, await freePort(), join(folder, 'data')) + changes)
      const java = ['java', ...heap, ...javaOptions, ...management]
      const log = `-Xlog:gc*:file=${join(folder, 'gc.log')}:time,tags:filecount=10,filesize=100M`
      const jars = ['-cp', kafkaJars.classPath]
      const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-c', path]
      return {
        line: [...java, log, ...jars, 'kafka.Kafka', path],
        before: ['java', ...jars, ...format, '-t', 'AAAAAAAAAAAAAAAAAAAAAQ'],
        serves: servesKafka,
      }
    },
  }
}

/** Of kafka-server-start.sh. */
const heap = ['-Xmx1G', '-Xms1G']

const management = [
  '-Dcom.sun.management.jmxremote=true',
  '-Dcom.sun.management.jmxremote.authenticate=false',
  '-Dcom.sun.management.jmxremote.ssl=false',
]

/**
 * The values of the config/server.properties that it ships with. One is added: groups do not wait
 * for further members for three seconds, so that a run does not consist of waiting.
 */
const properties = (port: number, controllerPort: number, folder: string): string => `
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=${folder}
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
group.initial.rebalance.delay.ms=0
`
