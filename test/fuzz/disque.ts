import { assert } from '../../src/lib/assert.ts'
import { type Logger, silentLogger } from '../../src/lib/logger.ts'
import { disque } from '../../src/protocols/disque/index.ts'
import { encoded, RespClient, RespLoopback } from '../resp/loopback.ts'
import { commands } from '../../src/protocols/disque/commands/index.ts'
import { type Dice, mutated } from './bytes.ts'
import type { Target } from './target.ts'

const world = await RespLoopback.open()
const protocol = disque(world.broker)
const failures: object[] = []
const logger: Logger = { ...silentLogger, error: facts => void failures.push(facts) }
/** Those that stop the broker or show what others do. */
const leftOut = new Set(['shutdown', 'monitor'])
const names = commands.map(({ name }) => name).filter(name => !leftOut.has(name))
const queues = ['q', 'r', 'long'.repeat(100)]
const numbers = ['0', '1', '-1', '10', '9223372036854775807', '99999999999999999999', '1.5', 'x']
const keywords = 'FROM COUNT NOHANG TIMEOUT WITHCOUNTERS RETRY TTL DELAY MAXLEN ASYNC REPLICATE'
const options = [...keywords.split(' '), 'STATE', 'queued']
const ids: string[] = ['D-dcb833cf-8YL1NT17e9+wsA/09NqxscQI-05a1', 'D-']
const IDS_KEPT = 64

function commandOf(dice: Dice): Buffer {
  if (dice.below(4) === 0) return encoded(['ADDJOB', dice.pick(queues), 'body', '0', 'ASYNC'])
  const words = [dice.pick(names)]
  const count = 1 + dice.below(8)
  while (words.length < count)
    words.push(dice.pick(dice.pick([queues, queues, numbers, options, ids, ids])))
  return encoded(words)
}

/** Ids that are real are found now and then. */
function noteIds(inbox: readonly unknown[]): void {
  for (const reply of inbox)
    if (typeof reply === 'string' && reply.startsWith('+D-')) ids.push(reply.slice(1))
  if (ids.length > IDS_KEPT) ids.splice(2, ids.length - IDS_KEPT)
}

/** A client that says anything that might be a command. The broker answers, or hangs up. */
const connections: Target = {
  name: 'disque connections',
  run(dice) {
    const client = new RespClient(protocol, { logger })
    const stream = Buffer.concat(Array.from({ length: 1 + dice.below(12) }, () => commandOf(dice)))
    const bytes = dice.below(4) === 0 ? mutated(dice, [stream]) : stream
    for (let at = 0; at < bytes.length && !client.isEnded; ) {
      const read = bytes.subarray(at, at + 1 + dice.below(dice.pick([4, 64, 4096])))
      at += read.length
      client.connection.receive(Buffer.from(read))
    }
    client.connection.tick(dice.below(100_000) as never)
    world.broker.turn.flush()
    noteIds(client.inbox)
    client.close()
    for (const queue of queues)
      assert(world.broker.jobs.waitingCount('/', queue) === 0, 'nobody waits who is gone')
    if (dice.below(50) === 0) {
      const sweeper = new RespClient(protocol)
      sweeper.send('DEBUG', 'FLUSHALL')
      sweeper.close()
    }
    assert(failures.length === 0, `a bug: ${JSON.stringify(failures.splice(0))}`)
  },
}

export const disqueTargets: readonly Target[] = [connections]
