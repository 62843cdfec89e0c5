import { Offset } from '../../lib/brand.ts'
import type { LogLane } from './lane/index.ts'
import { MessageGroups } from './consumers/message-groups.ts'
import type { SeekTarget } from './queue.ts'
import type { QueueState } from './queue-state.ts'

/** Moves a queue to another place of its logs. All lanes move in one synchronous run. */
export async function seekLanes(queue: QueueState, target: SeekTarget): Promise<void> {
  const lanes = [...queue.lanes.all]
  const offsets = await Promise.all(lanes.map(async lane => offsetIn(lane, target)))
  if (queue.isDeleted) return
  if (queue.groups !== null) queue.groups = new MessageGroups()
  for (const [index, lane] of lanes.entries()) {
    const offset = offsets[index]
    if (offset !== null && offset !== undefined) lane.seek(offset)
  }
  queue.host.noteSettled(queue)
}

/** Null: this lane stays where it is. */
async function offsetIn({ index, log }: LogLane, target: SeekTarget): Promise<Offset | null> {
  switch (target.kind) {
    case 'first':
      return log.startOffset
    case 'next':
      return log.confirmedEnd
    case 'offset': {
      if (target.lane !== index) return null
      const { startOffset, confirmedEnd } = log
      return Offset(Math.min(Math.max(target.offset, startOffset), confirmedEnd))
    }
    case 'time':
      return (await log.findByTime(target.millis))?.offset ?? log.confirmedEnd
  }
}
