import { setTimeout as sleep } from 'node:timers/promises'
import type { Subject } from './side.ts'

const LOOK_EVERY_MS = 250
const QUIET_SHARE = 0.1
/** Work that is put off has pauses. */
const QUIET_MS = 750
/** Sabir looks for what is to be rewritten every five seconds: it is not to meet those who read. */
export const AFTER_WRITING = { quietMs: 5500, secondsMax: 20 }

/** Waits until the server has done what it put off, some seconds at most. */
export async function settle(
  subject: Subject,
  { quietMs, secondsMax } = { quietMs: QUIET_MS, secondsMax: 10 },
): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000
  let before = subject.usage().cpuSeconds
  for (let quiet = 0; quiet * LOOK_EVERY_MS < quietMs && performance.now() < deadline; ) {
    await sleep(LOOK_EVERY_MS)
    const now = subject.usage().cpuSeconds
    quiet = now - before < (QUIET_SHARE * LOOK_EVERY_MS) / 1000 ? quiet + 1 : 0
    before = now
  }
}
