import { errorCode } from '../../constants.ts'
import { errorAnswer } from '../../errors.ts'
import { deleteRecords } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'

/** Versions 0-2. -1 deletes all that can be read; offsets already gone are no error. */
export const deleteRecordsHandler = handler(deleteRecords, [0, 2], async (request, context) => {
  const topics = await Promise.all(
    request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(({ partitionIndex, offset }) =>
          truncate({ name, partitionIndex, offset }, context),
        ),
      ),
    })),
  )
  return { throttleTimeMs: 0, topics }
})

async function truncate(
  asked: { readonly name: string; readonly partitionIndex: number; readonly offset: number },
  context: Context,
) {
  const { topics } = context.broker
  const { partitionIndex } = asked
  const partition = topics.partition(asked.name, partitionIndex)
  if (partition === undefined) {
    const code = errorCode.UNKNOWN_TOPIC_OR_PARTITION
    return { partitionIndex, lowWatermark: -1, errorCode: code }
  }
  if (partition.topic.isInternal) {
    const code = errorCode.INVALID_TOPIC_EXCEPTION
    return { partitionIndex, lowWatermark: -1, errorCode: code }
  }
  try {
    const lowWatermark = await topics.deleteRecords(partition, asked.offset)
    return { partitionIndex, lowWatermark, errorCode: errorCode.NONE }
  } catch (error) {
    return { partitionIndex, lowWatermark: -1, errorCode: errorAnswer(error).errorCode }
  }
}
