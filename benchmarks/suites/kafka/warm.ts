import type { Subject } from '../../harness/side.ts'
import type { Workload } from '../../harness/suite.ts'
import { runFollow } from '../../loads/kafka/follow.ts'
import { settingsOf } from '../../loads/kafka/settings.ts'
import { consumerPerfTest, producerPerfTest } from '../../loads/kafka-tools/index.ts'
import { freshTopic, settle } from './shapes.ts'

const SECONDS = 5
const shape = { recordBytes: 100, partitions: 16 }
const TOOL_RECORDS = 200_000

const warm = new WeakSet<Subject>()

/**
 * What a server does for the first time is not counted, whichever workload is its first: code is
 * compiled, files and the topic of the groups' offsets are made.
 */
export function warmed(workload: Workload): Workload {
  return {
    ...workload,
    prepare: async (subject, settings) => {
      if (!warm.has(subject)) await warmUp(subject)
      warm.add(subject)
      await workload.prepare?.(subject, settings)
    },
  }
}

async function warmUp(subject: Subject): Promise<void> {
  const { port } = subject
  const topic = await freshTopic(subject, shape)
  const seconds = { seconds: SECONDS, warmupSeconds: 0 }
  await runFollow(settingsOf({ ...shape, ...seconds, port, topic, connections: 4 }))
  const tools = { port, topic: await freshTopic(subject, shape), records: TOOL_RECORDS }
  await producerPerfTest({ ...tools, recordBytes: shape.recordBytes })
  await consumerPerfTest(tools)
  await settle(subject)
}
