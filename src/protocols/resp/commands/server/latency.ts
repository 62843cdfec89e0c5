import type { Call, Command, CommandFlag } from '../../command.ts'
import { helpCommand } from '../../help.ts'

const flags: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']
const own = { group: 'server', flags, since: '2.8.13' } as const

export const latencyCommands: readonly Command[] = [
  {
    name: 'latency',
    arity: -2,
    group: 'server',
    flags: [],
    since: '2.8.13',
    summary: 'What took longer than latency-monitor-threshold.',
    subcommands: [
      {
        ...own,
        name: 'latency|latest',
        arity: 2,
        summary: 'The newest of each event.',
        run: latest,
      },
      {
        ...own,
        name: 'latency|history',
        arity: 3,
        summary: 'When an event took long.',
        run: history,
      },
      {
        ...own,
        name: 'latency|reset',
        arity: -2,
        summary: 'Forgets events.',
        run: reset,
      },
      {
        ...own,
        name: 'latency|doctor',
        arity: 2,
        summary: 'A few words about what took long.',
        run: doctor,
      },
      {
        ...own,
        name: 'latency|histogram',
        arity: -2,
        since: '7.0.0',
        summary: 'How often commands were called; they are not timed one by one.',
        run: histogram,
      },
      helpCommand(
        'latency',
        [
          ['DOCTOR', 'A few words about what took long.'],
          ['HISTORY <event>', 'When an event took long.'],
          ['LATEST', 'The newest of each event.'],
          ['RESET [<event> ...]', 'Forgets events.'],
        ],
        { group: 'server', flags: ['loading', 'stale'], since: '2.8.13' },
      ),
    ],
  },
]

function latest({ reply, services }: Call): void {
  const events = [...services.latency.events]
  reply.array(events.length)
  for (const event of events) {
    const { at, milliseconds } = services.latency.of(event).at(-1)!
    reply.array(4)
    reply.text(event)
    reply.integer(at)
    reply.integer(milliseconds)
    reply.integer(services.latency.worst(event))
  }
}

function history({ args, reply, services }: Call): void {
  const samples = services.latency.of(args.text(2))
  reply.array(samples.length)
  for (const { at, milliseconds } of samples) {
    reply.array(2)
    reply.integer(at)
    reply.integer(milliseconds)
  }
}

function reset({ args, reply, services }: Call): void {
  const events: string[] = []
  for (let index = 2; index < args.count; index++) events.push(args.text(index))
  reply.integer(services.latency.reset(events.length === 0 ? null : events))
}

function doctor({ reply, services }: Call): void {
  const { latency } = services
  const lines = [...latency.events].map(
    event =>
      `${event}: ${latency.of(event).length} times, ${latency.worst(event)} ms at the longest.`,
  )
  if (latency.thresholdMs === 0)
    lines.unshift('Nothing is watched: latency-monitor-threshold is 0.')
  else if (lines.length === 0) lines.unshift('Nothing took long.')
  reply.verbatim('txt', `${lines.join('\n')}\n`)
}

function histogram({ args, reply, services }: Call): void {
  const { commands } = services
  const named: string[] = []
  for (let index = 2; index < args.count; index++) named.push(args.lower(index))
  const chosen = [...commands.all()].filter(
    ({ name, calls }) => calls > 0 && (named.length === 0 || named.includes(name)),
  )
  reply.map(chosen.length)
  for (const { name, calls } of chosen) {
    reply.text(name)
    reply.map(2)
    reply.text('calls')
    reply.integer(calls)
    reply.text('histogram_usec')
    reply.map(0)
  }
}
