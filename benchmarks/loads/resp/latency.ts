import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../../test/resp/socket.ts'
import type { Outcome } from '../../harness/suite.ts'
import { Latencies } from '../latencies.ts'
import { Paced } from './paced.ts'
import { prepareRedisBenchmark, runRedisBenchmark } from './redis-benchmark.ts'
import type { Settings } from './settings.ts'
import { Wire, withEmptied } from './wire.ts'

/** Less of the rate than this, and a latency would only say how long it was tried. */
const REACHED_SHARE = 0.95
const SHARE_OF_MAXIMUM = 0.8
const WARMUP_MS = 500

/** LPUSH at a rate: from when it was due until its reply came. */
export function runLatency(settings: Settings): Promise<Outcome> {
  const { port, rate, seconds } = settings
  return withEmptied(port, async () => {
    const wires = await Wire.openMany(port, settings.connections)
    const command = encode(['LPUSH', 'list', 'x'.repeat(settings.bodyBytes)])
    const latencies = new Latencies()
    let countedFrom = Number.POSITIVE_INFINITY
    let answered = 0
    // Replies come in the order of commands, each a line.
    const dues = wires.map(() => new Dues())
    for (const [index, wire] of wires.entries()) {
      wire.heard = bytes => {
        const now = performance.now()
        for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
          const due = dues[index]!.take()
          if (due >= countedFrom) latencies.add(now - due)
          answered++
        }
      }
    }
    const paced = new Paced(wires, rate, (due, index) => {
      dues[index]!.add(due)
      return command
    })
    await sleep(WARMUP_MS)
    const [begin, first] = [performance.now(), answered]
    countedFrom = begin
    await sleep(seconds * 1000)
    const reached = Math.round((answered - first) / ((performance.now() - begin) / 1000))
    paced.stop()
    for (const wire of wires) wire.close()
    const isReached = reached >= rate * REACHED_SHARE
    return {
      figures: { reached, ...(isReached ? latencies.percentiles : {}) },
      messages: answered,
      ...(isReached ? {} : { remark: 'the rate was not reached' }),
    }
  })
}

/** First as fast as 50 connections are answered, then at most of what that was. */
export async function runLatencyNearMaximum(settings: Settings): Promise<Outcome> {
  const halves = { ...settings, command: 'LPUSH', pipeline: 1, seconds: settings.seconds / 2 }
  await prepareRedisBenchmark(halves)
  const most = await runRedisBenchmark(halves)
  const rate = Math.floor(most.figures['rate']! * SHARE_OF_MAXIMUM)
  const { figures, messages, ...rest } = await runLatency({ ...halves, rate })
  return { figures, messages: messages! + most.messages!, ...rest }
}

/** When what was sent was due, until it is answered. */
class Dues {
  #times: number[] = []
  #head = 0

  add(due: number): void {
    this.#times.push(due)
  }

  take(): number {
    const due = this.#times[this.#head++]!
    if (this.#head > 1024) {
      this.#times = this.#times.slice(this.#head)
      this.#head = 0
    }
    return due
  }
}
