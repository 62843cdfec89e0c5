import type { Partition } from '../../../../broker/topic/index.ts'
import { errorCode } from '../../constants.ts'
import { describeLogDirs, type RequestOf } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'

type Asked = RequestOf<typeof describeLogDirs>['topics']

/** Versions 0-4. Everything lies in one folder. Sizes are those of the stored batches. */
export const describeLogDirsHandler = handler(describeLogDirs, [0, 4], (request, context) => {
  const topics = Array.from(wanted(request.topics, context), ([name, partitions]) => ({
    name,
    partitions: partitions.map(({ index, log }) => ({
      partitionIndex: index,
      partitionSize: log.sizeBytes,
      offsetLag: 0,
      isFutureKey: false,
    })),
  }))
  const logDir = context.broker.runtime.settings.dataFolder ?? 'memory'
  return { throttleTimeMs: 0, results: [{ errorCode: errorCode.NONE, logDir, topics }] }
})

/** Null is everything; what does not exist is left out. */
function wanted(asked: Asked, context: Context): Map<string, readonly Partition[]> {
  const { topics } = context.broker
  const found = new Map<string, readonly Partition[]>()
  if (asked === null) {
    for (const { name, partitions } of topics.listed()) found.set(name, partitions)
    return found
  }
  for (const { topic, partitions } of asked) {
    const present = partitions.flatMap(index => topics.partition(topic, index) ?? [])
    if (present.length > 0) found.set(topic, present)
  }
  return found
}
