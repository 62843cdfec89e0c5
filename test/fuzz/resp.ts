import { assert } from '../../src/lib/assert.ts'
import { CommandParser, RespSyntaxError } from '../../src/lib/resp/index.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'
import { encoded, RespLoopback } from '../resp/loopback.ts'
import { type Dice, mutated } from './bytes.ts'
import type { Target } from './target.ts'

const limits = { bulkBytesMax: 1 << 20, wordsMax: 1 << 16, commandBytesMax: 1 << 21 }

const parser: Target = {
  name: 'resp parser',
  run(dice) {
    const sent = Array.from({ length: 1 + dice.below(8) }, () => wordsOf(dice))
    const stream = Buffer.concat(sent.map(encoded))
    const isMutated = dice.below(2) === 0
    const bytes = isMutated ? mutated(dice, [stream, ...lines]) : stream
    const whole = parsed([bytes])
    assert(same(parsed([...cut(bytes, dice)]), whole), `cut otherwise: ${bytes.toString('hex')}`)
    if (isMutated) return
    const words = sent.map(command => command.map(word => word.toString('latin1')))
    assert(same(whole, words), 'commands arrive as they were sent')
  },
}

const lines = ['PING\r\n', 'set "a \\x41" \'b\'\n', '*1\r\n$4\r\nPING\r\n'].map(line =>
  Buffer.from(line),
)

const wordsOf = (dice: Dice): Buffer[] =>
  Array.from({ length: 1 + dice.below(5) }, () =>
    dice.bytes(dice.below(dice.pick([4, 40, 20_000]))),
  )

function parsed(reads: readonly Buffer[]): unknown[] {
  const parsing = new CommandParser(limits)
  const found: unknown[] = []
  try {
    for (const read of reads) {
      parsing.push(Buffer.from(read))
      while (parsing.next()) {
        const { args } = parsing
        found.push(Array.from({ length: args.count }, (_, index) => args.binary(index)))
      }
    }
  } catch (error) {
    if (!(error instanceof RespSyntaxError)) throw error
    found.push(error.reply)
  }
  return found
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

function* cut(stream: Buffer, dice: Dice): Generator<Buffer> {
  for (let at = 0; at < stream.length; ) {
    const read = stream.subarray(at, at + 1 + dice.below(dice.pick([4, 64, 4096])))
    at += read.length
    yield read
  }
}

const world = await RespLoopback.open()
/** Those that stop the broker, wait long, or make others wait. */
const leftOut = new Set(['shutdown', 'client|pause', 'debug', 'monitor', 'save', 'acl|setuser'])
const commands = [...world.services.commands.all()].filter(
  ({ name, subcommands }) => subcommands === null && !leftOut.has(name),
)
const numbers = ['0', '1', '-1', '2', '3', '9223372036854775807', '-9223372036854775808', '1e400']
const odd = [
  '',
  '*',
  '+inf',
  'nan',
  '(1',
  '[a',
  '-',
  '+',
  '$',
  '0-1',
  '5-5',
  '\r\n',
  'x'.repeat(300),
]
const keys = ['k', 'l', 's', 'z', 'h', 'x', 'k2']
const options =
  'NX XX GT LT EX PX KEEPTTL GET WITHSCORES LIMIT COUNT MATCH LEFT RIGHT STREAMS GROUP BLOCK'.split(
    ' ',
  )

function commandOf(dice: Dice): Buffer {
  const { name, wordsMin } = dice.pick(commands)
  const words = name.split('|')
  const count = Math.max(words.length, wordsMin) + dice.below(4) - dice.below(2)
  while (words.length < count) words.push(dice.pick(dice.pick([keys, keys, numbers, odd, options])))
  return encoded(words)
}

/** A client that says anything that might be a command. The broker answers, or hangs up. */
const connections: Target = {
  name: 'resp connections',
  run(dice) {
    const client = world.client()
    const stream = Buffer.concat(Array.from({ length: 1 + dice.below(12) }, () => commandOf(dice)))
    const bytes = dice.below(4) === 0 ? mutated(dice, [stream]) : stream
    for (const read of cut(bytes, dice)) {
      if (client.isEnded) break
      receiveLent(client.connection, read)
    }
    client.connection.tick(dice.below(100_000) as never)
    client.close()
    world.services.clients.unpause()
    world.services.durability.policy = 'everysec'
    const { services } = world
    assert(services.clients.count === 0, 'nobody is connected who is gone')
    assert(services.blocking.count === 0, 'nobody waits who is gone')
    assert(services.monitors.count === 0, 'nobody watches who is gone')
    const sweeper = world.client()
    sweeper.send('FLUSHALL')
    sweeper.close()
    assert(world.failures.length === 0, `a bug: ${JSON.stringify(world.failures.splice(0))}`)
  },
}

export const respTargets: readonly Target[] = [parser, connections]
