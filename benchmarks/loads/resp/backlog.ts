import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../../test/resp/socket.ts'
import type { Outcome } from '../../harness/suite.ts'
import { Ahead, LOOK_EVERY_MS } from './ahead.ts'
import { Paced } from './paced.ts'
import type { Settings } from './settings.ts'
import { Wire, withEmptied } from './wire.ts'

/** While it is drained, so much of the rate it was written at goes on being written. */
const GOES_ON_SHARE = 0.2
/** Sent ahead of their replies. */
const WINDOW_BYTES = 4e6

/** LPUSH with nobody who takes it, then RPOP while writing goes on, until nothing is left. */
export function runBacklog(settings: Settings, betweenPhases = (): void => {}): Promise<Outcome> {
  const { bodyBytes, port } = settings
  return withEmptied(port, async wire => {
    wire.heardLines = 0
    const count = Math.ceil(settings.backlogBytes / bodyBytes)
    const window = Math.max(16, Math.floor(WINDOW_BYTES / bodyBytes))
    const push = encode(['LPUSH', 'list', 'x'.repeat(bodyBytes)])
    const began = performance.now()
    const ahead = new Ahead(wire, push, window)
    for (; wire.heardLines < count; await sleep(LOOK_EVERY_MS)) ahead.send(wire.heardLines, count)
    const writeRate = count / ((performance.now() - began) / 1000)
    betweenPhases()
    const writer = await Wire.open(port)
    const drainBegan = performance.now()
    const paced = new Paced([writer], writeRate * GOES_ON_SHARE, () => push)
    const popped = await drain(wire, bodyBytes, window, () => count + writer.heardLines)
    const drainRate = popped / ((performance.now() - drainBegan) / 1000)
    paced.stop()
    await sleep(200)
    writer.close()
    return {
      figures: {
        'written at': (writeRate * bodyBytes) / 1e6,
        'drained at': (drainRate * bodyBytes) / 1e6,
      },
      messages: count + popped,
      payloadBytes: popped * bodyBytes,
    }
  })
}

/** Until as many were taken as there are. */
async function drain(
  wire: Wire,
  bodyBytes: number,
  window: number,
  written: () => number,
): Promise<number> {
  const ahead = new Ahead(wire, encode(['RPOP', 'list']), window)
  const replyBytes = `$${bodyBytes}\r\n`.length + bodyBytes + 2
  wire.heardBytes = 0
  wire.heard = () => {}
  const popped = (): number => Math.floor(wire.heardBytes / replyBytes)
  // Never more than were written: there is no reply of another length.
  for (; popped() < written(); await sleep(LOOK_EVERY_MS)) ahead.send(popped(), written())
  return popped()
}
