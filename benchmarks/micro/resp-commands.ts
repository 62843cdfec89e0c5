import { setImmediate as nextTurn } from 'node:timers/promises'
import { encoded, RespLoopback } from '../../test/resp/loopback.ts'

/**
 * What a command of a Redis client costs without a socket: parsing, finding, checking and running
 * it, and writing the reply. Run with
 * `npx tsx benchmarks/micro/resp-commands.ts`; one JSON line a case.
 * `perCpuSecond` does not depend on what else the machine does.
 */
const ROUNDS = 5
const READS = 400
const READ_BYTES = 64 * 1024
const READS_PER_TURN = 4

const cases: readonly (readonly string[])[] = [
  ['PING'],
  ['ECHO', 'hello'],
  ['SELECT', '0'],
  ['SET', 'key', 'value'],
  ['GET', 'key'],
  ['INCR', 'counter'],
  ['HSET', 'hash', 'field', 'value'],
  ['SADD', 'set', 'member'],
]

const world = await RespLoopback.open()
for (const words of cases) {
  const { perCpuSecond, nanoseconds } = await cost(words)
  process.stdout.write(
    `${JSON.stringify({ command: words.join(' '), perCpuSecond, nanoseconds })}\n`,
  )
}
await world.broker.close()

async function cost(
  words: readonly string[],
): Promise<{ readonly perCpuSecond: number; readonly nanoseconds: number }> {
  const client = world.client()
  Object.assign(client.egress, { write() {}, advance() {} })
  const one = encoded(words)
  const perRead = Math.floor(READ_BYTES / one.length)
  const read = Buffer.concat(Array.from({ length: perRead }, () => one))
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let index = 0; index < READS; index++) {
      client.connection.receive(read)
      if (index % READS_PER_TURN === 0) await nextTurn()
    }
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / (READS * perRead))
  }
  client.close()
  return { perCpuSecond: Math.round(1e6 / best), nanoseconds: Math.round(best * 1000) }
}
