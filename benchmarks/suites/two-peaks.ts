import { forgetPeak } from '../harness/processes.ts'
import type { Subject } from '../harness/side.ts'
import type { Outcome } from '../harness/suite.ts'

/**
 * Runs the load of a backlog of so many bytes, which calls `written` when all is written, and adds
 * the server's peak memory until then, and from then on.
 */
export async function withTwoPeaks(
  subject: Subject,
  backlogBytes: number,
  load: (written: () => void) => Promise<Outcome>,
): Promise<Outcome> {
  let peakWriting = 0
  const outcome = await load(() => {
    peakWriting = subject.usage().peakBytes
    forgetPeak(subject.pid())
  })
  return {
    ...outcome,
    figures: {
      ...outcome.figures,
      'peak memory, writing': peakWriting / 1e6,
      'peak memory, draining': subject.usage().peakBytes / 1e6,
    },
    remark: `${(backlogBytes / 1e9).toLocaleString('en-US')} GB of payload`,
  }
}
