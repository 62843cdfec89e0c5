import { matchesGlob } from '../../../lib/glob.ts'
import { version } from '../../../version.ts'
import type { Call, Command } from '../command.ts'
import { ReplyError, syntaxError } from '../errors.ts'
import { NAMESPACE, type Services } from '../services.ts'

const MiB = 1024 * 1024
/** The version of Disque whose commands these are. */
const DISQUE_VERSION = '1.0-rc1'

type Section = { readonly name: string; rows(services: Services): readonly string[] }

const waitingIn = (lanes: readonly { readonly waitingCount: number }[]): number =>
  lanes.reduce((count, lane) => count + lane.waitingCount, 0)

const sections: readonly Section[] = [
  {
    name: 'Server',
    rows: ({ broker, counts, settings }) => {
      const uptime = Math.floor((broker.runtime.clock.now() - counts.startedAt) / 1000)
      return [
        `disque_version:${DISQUE_VERSION}`,
        `sabir_version:${version}`,
        `arch_bits:64`,
        `process_id:${process.pid}`,
        `run_id:${broker.jobs.node}`,
        `tcp_port:${settings.get('port')}`,
        `uptime_in_seconds:${uptime}`,
        `uptime_in_days:${Math.floor(uptime / 86_400)}`,
      ]
    },
  },
  {
    name: 'Clients',
    rows: ({ clients }) => {
      const blocked = [...clients.values()].filter(({ waiter }) => waiter !== null).length
      return [`connected_clients:${clients.size}`, `blocked_clients:${blocked}`]
    },
  },
  {
    name: 'Memory',
    rows: () => {
      const { rss, heapUsed, external } = process.memoryUsage()
      const used = heapUsed + external
      return [
        `used_memory:${used}`,
        `used_memory_human:${(used / MiB).toFixed(2)}M`,
        `used_memory_rss:${rss}`,
      ]
    },
  },
  {
    name: 'Jobs',
    rows: ({ broker }) => {
      let count = 0
      for (const { queue } of broker.jobs.all(NAMESPACE))
        count += queue.readyCount + queue.unsettledCount + waitingIn(queue.lanes.all)
      return [`registered_jobs:${count}`]
    },
  },
  {
    name: 'Queues',
    rows: ({ broker }) => [`registered_queues:${[...broker.jobs.all(NAMESPACE)].length}`],
  },
  {
    name: 'Persistence',
    rows: ({ broker }) => {
      const isKept = broker.runtime.settings.dataFolder !== null
      return [
        'loading:0',
        `aof_enabled:${isKept ? 1 : 0}`,
        `aof_state:${isKept ? 'on' : 'off'}`,
        'aof_rewrite_in_progress:0',
        'aof_rewrite_scheduled:0',
        'aof_last_bgrewrite_status:ok',
        `aof_last_write_status:${broker.runtime.store.refusal === null ? 'ok' : 'err'}`,
      ]
    },
  },
  {
    name: 'Stats',
    rows: ({ counts }) => [
      `total_connections_received:${counts.connections}`,
      `total_commands_processed:${counts.commands}`,
    ],
  },
  {
    name: 'CPU',
    rows: () => {
      const { system, user } = process.cpuUsage()
      return [
        `used_cpu_sys:${(system / 1e6).toFixed(2)}`,
        `used_cpu_user:${(user / 1e6).toFixed(2)}`,
      ]
    },
  },
]

function info({ args, reply, services }: Call): void {
  if (args.count > 2) throw syntaxError()
  const wanted = args.count === 2 ? args.lower(1) : 'default'
  const isEvery = wanted === 'default' || wanted === 'all'
  const texts = sections
    .filter(({ name }) => isEvery || name.toLowerCase() === wanted)
    .map(section => [`# ${section.name}`, ...section.rows(services), ''].join('\r\n'))
  reply.text(texts.join('\r\n'))
}

function config(call: Call): void {
  const { args, reply, services } = call
  const what = args.lower(1)
  const { settings } = services
  if (what === 'get' && args.count === 3) {
    const found = [...settings.all()].filter(([name]) => matchesGlob(args.lower(2), name))
    reply.array(found.length * 2)
    for (const [name, value] of found) {
      reply.text(name)
      reply.text(value)
    }
  } else if (what === 'set' && args.count === 4) setParameter(call)
  else if (what === 'resetstat' && args.count === 2) {
    services.counts.commands = services.counts.connections = 0
    reply.ok()
  } else if (what === 'rewrite' && args.count === 2)
    throw new ReplyError('ERR The server is running without a config file')
  else throw new ReplyError('ERR CONFIG subcommand must be one of GET, SET, RESETSTAT, REWRITE')
}

function setParameter({ args, reply, services }: Call): void {
  const { settings } = services
  const name = args.lower(2)
  const value = args.text(3)
  if (settings.get(name) === undefined)
    throw new ReplyError(`ERR Unsupported CONFIG parameter: ${name}`)
  const isSettable = settings.settable.has(name) && /^\d{1,9}$/.test(value)
  if (!isSettable && settings.get(name) !== value)
    throw new ReplyError(`ERR Invalid argument '${value}' for CONFIG SET '${name}'`)
  settings.set(name, value)
  reply.ok()
}

function cluster(call: Call): void {
  const { args, reply, services, client } = call
  const what = args.lower(1)
  const { node } = services.broker.jobs
  const { host, port } = client.local
  if (what === 'nodes' && args.count === 2)
    reply.text(`${node} ${host}:${port} myself 0 0 connected\n`)
  else if (what === 'info' && args.count === 2)
    reply.text(
      ['cluster_state:ok', 'cluster_known_nodes:1', 'cluster_reachable_nodes:0', ''].join('\r\n'),
    )
  else if (what === 'leaving') {
    if (args.count === 3) {
      const word = args.lower(2)
      if (word !== 'yes' && word !== 'no') throw syntaxError()
      services.isLeaving = word === 'yes'
      reply.ok()
    } else reply.simple(services.isLeaving ? 'yes' : 'no')
  } else if (['meet', 'forget', 'reset', 'saveconfig'].includes(what))
    throw new ReplyError(
      `ERR CLUSTER ${what.toUpperCase()}: this broker does not form a cluster with Disque's nodes`,
    )
  else throw new ReplyError('ERR Wrong CLUSTER subcommand or number of arguments')
}

/** Nothing is written down about slow commands; clients that ask are told so by empty lists. */
function history({ args, reply }: Call): void {
  const what = args.lower(1)
  if (what === 'get' || what === 'latest' || what === 'history') reply.array(0)
  else if (what === 'len') reply.integer(0)
  else if (what === 'reset') {
    if (args.lower(0) === 'slowlog') reply.ok()
    else reply.integer(0)
  } else if (what === 'doctor') reply.text('Latency is not watched here.')
  else throw syntaxError()
}

function flushAll({ services }: Call): void {
  const { jobs, queues } = services.broker
  for (const { queue } of jobs.all(NAMESPACE)) {
    if (queue.spec.isImplicit === true) queues.delete(queue)
    else queue.purge()
  }
}

function debug(call: Call): void {
  const { args, reply } = call
  if (args.lower(1) !== 'flushall')
    throw new ReplyError(`ERR DEBUG ${args.text(1)} is not known: there is DEBUG FLUSHALL`)
  flushAll(call)
  call.awaitDisk()
  reply.ok()
}

function shutdown({ args, client, services }: Call): void {
  const { askToStop } = services.broker
  if (args.count > 2) throw syntaxError()
  if (askToStop === null) throw new ReplyError('ERR This broker is stopped by who started it')
  client.close('SHUTDOWN')
  askToStop()
}

function time({ reply, services }: Call): void {
  const now = services.broker.runtime.clock.now()
  reply.array(2)
  reply.text(String(Math.floor(now / 1000)))
  reply.text(String((now % 1000) * 1000))
}

function command({ args, reply, services }: Call): void {
  if (args.count > 1) throw new ReplyError('ERR COMMAND has no subcommands')
  const { all } = services.commands
  reply.array(all.length)
  for (const { name, arity, flags } of all) {
    reply.array(6)
    reply.text(name)
    reply.integer(arity)
    reply.array(1)
    reply.simple(flags.includes('write') ? 'write' : 'readonly')
    for (let position = 0; position < 3; position++) reply.integer(0)
  }
}

export const serverCommands: readonly Command[] = [
  { name: 'info', arity: -1, flags: [], summary: 'Facts about the broker.', run: info },
  { name: 'config', arity: -2, flags: ['admin'], summary: 'Parameters.', run: config },
  { name: 'cluster', arity: -2, flags: ['admin'], summary: 'A cluster of one.', run: cluster },
  { name: 'slowlog', arity: -2, flags: [], summary: 'Slow commands: none.', run: history },
  { name: 'latency', arity: -2, flags: ['admin'], summary: 'Latency: none.', run: history },
  { name: 'debug', arity: -2, flags: ['admin'], summary: 'For tests.', run: debug },
  { name: 'shutdown', arity: -1, flags: ['admin'], summary: 'Ends the broker.', run: shutdown },
  {
    name: 'bgrewriteaof',
    arity: 1,
    flags: ['admin'],
    summary: 'The log is kept short all the time.',
    run: ({ reply }) => reply.simple('Background append only file rewriting started'),
  },
  { name: 'time', arity: 1, flags: [], summary: 'The time.', run: time },
  { name: 'command', arity: -1, flags: [], summary: 'All commands.', run: command },
]
