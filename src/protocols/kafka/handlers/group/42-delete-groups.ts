import { deleteGroups } from '../../schema/index.ts'
import { handler } from '../handler.ts'
import { groupError } from './refusal.ts'

/** Each group is deleted or not for itself; offsets go with their group. */
export const deleteGroupsHandler = handler(deleteGroups, [0, 2], async (request, context) => {
  const deletions = request.groupsNames.map(
    groupId =>
      new Promise<{ groupId: string; errorCode: number }>(resolve => {
        context.broker.groups.delete(groupId, refusal =>
          resolve({ groupId, errorCode: groupError(refusal) }),
        )
      }),
  )
  return { throttleTimeMs: 0, results: await Promise.all(deletions) }
})
