import { errorCode } from '../../constants.ts'
import { listPartitionReassignments } from '../../schema/index.ts'
import { handler } from '../handler.ts'

/** Version 0. One broker has nowhere to move a partition to, so none is ever under way. */
export const listPartitionReassignmentsHandler = handler(
  listPartitionReassignments,
  [0, 0],
  () => ({
    throttleTimeMs: 0,
    errorCode: errorCode.NONE,
    errorMessage: null,
    topics: [],
  }),
)
