import { errorCode } from '../../constants.ts'
import { describeProducers } from '../../schema/index.ts'
import { handler } from '../handler.ts'

/** Who wrote to a partition with a producer id and was not forgotten since. */
export const describeProducersHandler = handler(describeProducers, [0, 0], (request, context) => {
  const topics = request.topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(partitionIndex => {
      const partition = context.broker.topics.partition(name, partitionIndex)
      if (partition === undefined) {
        return {
          partitionIndex,
          errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION,
          errorMessage: null,
          activeProducers: [],
        }
      }
      const producers = context.broker.producers.active(partition.logId)
      const activeProducers = Array.from(producers, ([producerId, window]) => ({
        producerId,
        producerEpoch: window.epoch,
        lastSequence: window.lastSequence,
        lastTimestamp: window.batches.at(-1)?.timestamp ?? -1,
        coordinatorEpoch: -1,
        currentTxnStartOffset: -1,
      }))
      return { partitionIndex, errorCode: 0, errorMessage: null, activeProducers }
    }),
  }))
  return { throttleTimeMs: 0, topics }
})
