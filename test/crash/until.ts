import { setTimeout as sleep } from 'node:timers/promises'

const WAIT_MS_MAX = 60_000

/** Waits for something that comes by itself; an error says that it does not. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`it takes too long until ${what}`)
    await sleep(50)
  }
}
