import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../../test/resp/socket.ts'
import { type Reply, ReplyReader } from '../../../test/resp/reply.ts'
import type { Outcome } from '../../harness/suite.ts'
import { Ahead, LOOK_EVERY_MS } from './ahead.ts'
import type { Settings } from './settings.ts'
import { Wire, withEmptied } from './wire.ts'

const WARMUP_MS = 500
const READ_COUNT = 100

/** LPUSH as far ahead as the window says, and clients that wait in BRPOP for one at a time. */
export function runPops(settings: Settings): Promise<Outcome> {
  return withEmptied(settings.port, async producer => {
    const body = 'x'.repeat(settings.bodyBytes)
    const pop = encode(['BRPOP', 'list', '0'])
    const replyBytes = encode(['list', body]).length
    let popped = 0
    const wires = await Wire.openMany(settings.port, settings.consumers)
    for (const wire of wires) {
      wire.heard = () => {
        if (wire.heardBytes < replyBytes) return
        wire.heardBytes -= replyBytes
        popped++
        if (!wire.isClosed) wire.write(pop)
      }
      wire.write(pop)
    }
    const push = encode(['LPUSH', 'list', body])
    const outcome = await loaded(settings, producer, push, () => popped)
    for (const wire of wires) wire.close()
    return outcome
  })
}

/** XADD as far ahead, and members of a group that read a hundred and acknowledge them. */
export function runGroup(settings: Settings): Promise<Outcome> {
  return withEmptied(settings.port, async producer => {
    await producer.ask('XGROUP', 'CREATE', 'stream', 'group', '$', 'MKSTREAM')
    producer.heardLines = 0
    let acknowledged = 0
    const wires = await Wire.openMany(settings.port, settings.consumers)
    for (const [index, wire] of wires.entries()) {
      const reader = new ReplyReader()
      const who = ['XREADGROUP', 'GROUP', 'group', `member-${index}`, 'COUNT', String(READ_COUNT)]
      const read = encode([...who, 'BLOCK', '0', 'STREAMS', 'stream', '>'])
      wire.heard = bytes => {
        reader.push(bytes)
        for (let reply = reader.next(); reply !== undefined; reply = reader.next()) {
          if (reply.kind === 'error') throw new Error(reply.text)
          if (reply.kind === 'integer') acknowledged += Number(reply.text)
          else wire.write(encode(['XACK', 'stream', 'group', ...idsOf(reply)]))
          if (reply.kind === 'integer' && !wire.isClosed) wire.write(read)
        }
      }
      wire.write(read)
    }
    const add = encode(['XADD', 'stream', '*', 'field', 'x'.repeat(settings.bodyBytes)])
    // XADD answers with two lines, LPUSH with one: what counts is what was acknowledged.
    const outcome = await loaded(settings, producer, add, () => acknowledged)
    for (const wire of wires) wire.close()
    return outcome
  })
}

/** Of one stream's entries, as XREADGROUP tells them. */
function idsOf(reply: Reply): string[] {
  const entries = itemsOf(itemsOf(itemsOf(reply)[0]!)[1]!)
  return entries.map(entry => {
    const id = itemsOf(entry)[0]!
    if (id.kind !== 'bulk') throw new Error(`an entry has no id but ${id.kind}`)
    return id.text
  })
}

function itemsOf(reply: Reply): readonly Reply[] {
  if ('items' in reply) return reply.items
  throw new Error(`not a list but ${reply.kind}`)
}

/** Writes ahead of what `done` says; how many were done in a second. */
async function loaded(
  { window, seconds }: Settings,
  producer: Wire,
  command: Buffer,
  done: () => number,
): Promise<Outcome> {
  const ahead = new Ahead(producer, command, window)
  const pump = async (untilMs: number): Promise<void> => {
    for (; performance.now() < untilMs; await sleep(LOOK_EVERY_MS)) ahead.send(done())
  }
  await pump(performance.now() + WARMUP_MS)
  const [begin, first] = [performance.now(), done()]
  await pump(begin + seconds * 1000)
  const rate = (done() - first) / ((performance.now() - begin) / 1000)
  await sleep(100)
  return { figures: { rate }, messages: done() }
}
