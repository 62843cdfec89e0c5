import type { Reply } from '../../../../broker/group/index.ts'
import type { Context } from '../handler.ts'

/** Group requests wait long. When connection or broker end first, `ended` is the answer. */
export function waitForReply<Outcome>(
  context: Context,
  ended: Outcome,
  start: (reply: Reply<Outcome>) => void,
): Promise<Outcome> {
  const { whenClosed } = context.client
  return new Promise(resolve => {
    const end = () => resolve(ended)
    whenClosed.add(end)
    start(outcome => {
      whenClosed.delete(end)
      resolve(outcome)
    })
  })
}
