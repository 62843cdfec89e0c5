import { settle } from '../../harness/settle.ts'
import type { Subject } from '../../harness/side.ts'
import { warmedBy } from '../../harness/warmed.ts'
import { runFollow } from '../../loads/kafka/follow.ts'
import { settingsOf } from '../../loads/kafka/settings.ts'
import { consumerPerfTest, producerPerfTest } from '../../loads/kafka-tools/index.ts'
import { freshTopic } from './shapes.ts'

const SECONDS = 5
const shape = { recordBytes: 100, partitions: 16 }
const TOOL_RECORDS = 200_000

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

/** The topic of the groups' offsets is made by then, too. */
export const warmed = warmedBy(warmUp)
