import type { Broker } from '../../../../broker/broker.ts'
import { nameOfKey } from '../../../../broker/keyspace/index.ts'
import type { Call, Command } from '../../command.ts'
import { notAnInteger, syntaxError } from '../../errors.ts'
import { helpCommand } from '../../help.ts'
import { integerIn } from '../../numbers.ts'

const own = { group: 'server', flags: [], since: '4.0.0' } as const

export const memoryCommands: readonly Command[] = [
  {
    ...own,
    name: 'memory',
    arity: -2,
    summary: 'What takes memory.',
    subcommands: [
      {
        ...own,
        name: 'memory|usage',
        arity: -3,
        flags: ['readonly'],
        keys: [{ access: 'RO', first: 2, last: 2, step: 1 }],
        summary: 'About how many bytes a key and what it holds take.',
        run: usage,
      },
      {
        ...own,
        name: 'memory|stats',
        arity: 2,
        summary: 'Memory by what takes it.',
        run: stats,
      },
      {
        ...own,
        name: 'memory|doctor',
        arity: 2,
        summary: 'A few words about memory.',
        run: ({ reply, services }) => {
          const reason = services.broker.alarms.active().get('memory')
          reply.verbatim('txt', reason === undefined ? 'Memory is fine.' : `Low: ${reason}.`)
        },
      },
      {
        ...own,
        name: 'memory|malloc-stats',
        arity: 2,
        summary: 'What the process says of its memory.',
        run: ({ reply }) => reply.verbatim('txt', JSON.stringify(process.memoryUsage())),
      },
      {
        ...own,
        name: 'memory|purge',
        arity: 2,
        summary: 'Memory is given back without being told.',
        run: ({ reply }) => reply.ok(),
      },
      helpCommand(
        'memory',
        [
          ['DOCTOR', 'A few words about memory.'],
          ['MALLOC-STATS', 'What the process says of its memory.'],
          ['PURGE', 'Memory is given back without being told.'],
          ['STATS', 'Memory by what takes it.'],
          [
            'USAGE <key> [SAMPLES <count>]',
            'About how many bytes a key takes; a list or stream, on the disk.',
          ],
        ],
        { group: 'server', flags: ['loading', 'stale'], since: '4.0.0' },
      ),
    ],
  },
]

function usage({ args, db, reply, services }: Call): void {
  for (let index = 3; index < args.count; index += 2) {
    if (!args.is(index, 'samples') || index + 1 >= args.count) throw syntaxError()
    const samples = integerIn(args, index + 1)
    if (samples === undefined) throw notAnInteger()
    if (samples < 0) throw syntaxError()
  }
  const key = args.binary(2)
  if (db.typeOf(key) === undefined) return reply.nothing()
  reply.integer(db.sizeOf(key) ?? logBytes(services.broker, db.namespace, nameOfKey(key)!))
}

/** Lists and streams take no memory to speak of: their logs do, on the disk. */
function logBytes({ topics }: Broker, namespace: string, name: string): number {
  const whole = topics.find(namespace, name)
  if (whole !== undefined) return whole.partitions.reduce((sum, { log }) => sum + log.sizeBytes, 0)
  // One partition of several is a stream, too.
  const cut = name.lastIndexOf('-')
  const part = topics.find(namespace, name.slice(0, cut))?.partitions[Number(name.slice(cut + 1))]
  return part?.log.sizeBytes ?? 0
}

function stats({ reply, services }: Call): void {
  const { run, broker, clients } = services
  const { heapTotal, external, rss, heapUsed } = process.memoryUsage()
  run.usedBytesPeak = Math.max(run.usedBytesPeak, rss)
  const keys = broker.keyspace.databases.reduce((sum, database) => sum + database.count(), 0)
  let clientBytes = 0
  for (const client of clients.all()) clientBytes += client.host.pendingBytes + client.outputBytes
  const fields: readonly (readonly [name: string, value: number])[] = [
    ['peak.allocated', run.usedBytesPeak],
    ['total.allocated', rss],
    ['clients.normal', clientBytes],
    ['keys.count', keys],
    ['dataset.bytes', broker.keyspace.usedBytes],
    ['allocator.allocated', heapUsed + external],
    ['allocator.active', heapTotal + external],
    ['allocator.resident', rss],
  ]
  reply.map(fields.length)
  for (const [name, value] of fields) {
    reply.text(name)
    reply.integer(value)
  }
}
