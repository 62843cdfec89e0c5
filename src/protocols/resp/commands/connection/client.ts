import { clientLine } from '../../connected/client-line.ts'
import type { Call, Command, CommandFlag } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { type HelpForm, helpCommand } from '../../help.ts'
import { stateOf } from '../state.ts'
import { clientKillCommands } from './client-kill.ts'
import { clientPauseCommands } from './client-pause.ts'
import { clientTrackingCommands } from './client-tracking.ts'
import { checkName, isPlain } from './names.ts'
import { typeCalled } from './types.ts'
import { typeOf } from '../../connected/client-line.ts'

const flags: readonly CommandFlag[] = ['noscript', 'loading', 'stale']
const adminFlags: readonly CommandFlag[] = ['admin', ...flags]
const own = { group: 'connection', flags } as const

const forms: readonly HelpForm[] = [
  ['CACHING (YES|NO)', 'Whether what the next command reads is tracked.'],
  ['GETNAME', 'The name of this connection.'],
  ['GETREDIR', 'The client that invalidations are redirected to.'],
  ['ID', 'The number of this connection.'],
  ['INFO', 'This connection as LIST shows it.'],
  ['KILL <ip:port>|<filter> <value> [<filter> <value> ...]', 'Ends connections.'],
  ['LIST [TYPE <type>|ID <id> [<id> ...]]', 'All connections, one a line.'],
  ['NO-EVICT (ON|OFF)', 'Whether this connection is spared; nobody is sent away for memory here.'],
  ['NO-TOUCH (ON|OFF)', 'Whether commands leave the times of last access as they are.'],
  ['PAUSE <milliseconds> [WRITE|ALL]', 'Lets commands wait.'],
  ['REPLY (ON|OFF|SKIP)', 'Whether commands are answered.'],
  ['SETINFO <option> <value>', 'Names the library (LIB-NAME) and its version (LIB-VER).'],
  ['SETNAME <name>', 'Names this connection.'],
  [
    'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> ...] [OPTIN] [OPTOUT] [NOLOOP]',
    'Whether changes of what was read are told.',
  ],
  ['TRACKINGINFO', 'What is tracked for this connection.'],
  ['UNBLOCK <id> [TIMEOUT|ERROR]', 'Ends the wait of a client.'],
  ['UNPAUSE', 'Ends a pause.'],
]

const subcommands: readonly Command[] = [
  {
    ...own,
    name: 'client|id',
    arity: 2,
    since: '5.0.0',
    summary: 'The number of this connection.',
    run: ({ client, reply }) => reply.integer(client.id),
  },
  {
    ...own,
    name: 'client|getname',
    arity: 2,
    since: '2.6.9',
    summary: 'The name of this connection.',
    run: getName,
  },
  {
    ...own,
    name: 'client|setname',
    arity: 3,
    since: '2.6.9',
    summary: 'Names this connection.',
    run: setName,
  },
  {
    ...own,
    name: 'client|setinfo',
    arity: 4,
    since: '7.2.0',
    summary: 'Says which library the client uses.',
    run: setInfo,
  },
  {
    ...own,
    name: 'client|info',
    arity: 2,
    since: '6.2.0',
    summary: 'This connection as CLIENT LIST shows it.',
    run: info,
  },
  {
    group: 'connection',
    flags: adminFlags,
    name: 'client|list',
    arity: -2,
    since: '2.4.0',
    summary: 'All connections.',
    run: list,
  },
  {
    ...own,
    name: 'client|reply',
    arity: 3,
    since: '3.2.0',
    summary: 'Whether commands are answered.',
    run: replyMode,
  },
  {
    group: 'connection',
    flags: adminFlags,
    name: 'client|no-evict',
    arity: 3,
    since: '7.0.0',
    summary: 'Whether this connection is spared when memory is short.',
    run: call => {
      stateOf(call).isNoEvict = isOn(call)
      call.reply.ok()
    },
  },
  {
    ...own,
    name: 'client|no-touch',
    arity: 3,
    since: '7.2.0',
    summary: 'Whether commands leave the times of last access as they are.',
    run: call => {
      stateOf(call).isNoTouch = isOn(call)
      call.reply.ok()
    },
  },
  ...clientKillCommands,
  ...clientPauseCommands,
  ...clientTrackingCommands,
  helpCommand('client', forms, {
    group: 'connection',
    flags: ['loading', 'stale'],
    since: '5.0.0',
  }),
]

export const clientCommands: readonly Command[] = [
  {
    name: 'client',
    arity: -2,
    group: 'connection',
    flags: [],
    since: '2.4.0',
    summary: 'Commands about connections.',
    subcommands,
  },
]

function getName(call: Call): void {
  const { name } = stateOf(call)
  if (name === '') call.reply.nothing()
  else call.reply.binary(name)
}

function setName(call: Call): void {
  const name = call.args.binary(2)
  checkName(name)
  stateOf(call).name = name
  call.reply.ok()
}

function setInfo(call: Call): void {
  const { args, reply } = call
  const client = stateOf(call)
  const isName = args.is(2, 'lib-name')
  if (!isName && !args.is(2, 'lib-ver'))
    throw new ReplyError(`ERR Unrecognized option '${args.text(2)}'`)
  const value = args.binary(3)
  if (!isPlain(value)) {
    const option = args.lower(2)
    throw new ReplyError(`ERR ${option} cannot contain spaces, newlines or special characters.`)
  }
  if (isName) client.libraryName = value
  else client.libraryVersion = value
  reply.ok()
}

function info(call: Call): void {
  const now = call.services.broker.runtime.clock.now()
  call.reply.verbatim('txt', `${clientLine(stateOf(call), now)}\n`)
}

function list({ args, reply, services }: Call): void {
  const { clients, broker } = services
  let chosen = [...clients.all()]
  if (args.count === 4 && args.is(2, 'type')) {
    const type = typeCalled(args.text(3))
    chosen = chosen.filter(client => typeOf(client) === type)
  } else if (args.count > 3 && args.is(2, 'id')) {
    chosen = []
    for (let index = 3; index < args.count; index++) {
      const id = args.binary(index)
      if (!/^-?\d{1,18}$/.test(id)) throw new ReplyError('ERR Invalid client ID')
      const client = clients.get(Number(id))
      if (client !== undefined) chosen.push(client)
    }
  } else if (args.count !== 2) throw syntaxError()
  const now = broker.runtime.clock.now()
  reply.verbatim('txt', chosen.map(client => `${clientLine(client, now)}\n`).join(''))
}

function replyMode(call: Call): void {
  const { args, reply } = call
  const client = stateOf(call)
  if (args.is(2, 'on')) {
    client.setReplyMode('on')
    reply.ok()
  } else if (args.is(2, 'off')) client.setReplyMode('off')
  else if (args.is(2, 'skip')) {
    if (client.replyMode !== 'off') client.setReplyMode('skipNext')
  } else throw syntaxError()
}

function isOn({ args }: Call): boolean {
  if (args.is(2, 'on')) return true
  if (args.is(2, 'off')) return false
  throw syntaxError()
}
