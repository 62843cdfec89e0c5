import type { DisqueClient } from '../client.ts'
import type { Call, Command } from '../command.ts'
import { ReplyError, replyOf, syntaxError } from '../errors.ts'
import { openSession } from '../session.ts'
import { wholeAt } from '../words.ts'

const FOREVER = { deadline: Infinity, ended: () => {}, timedOut: () => {} }

/** Checking a password takes some milliseconds, in which others go on. */
function authenticate(call: Call): void {
  const { args, reply, services, client } = call
  const answer = services.gate.authenticate(client, args.text(1))
  call.wait(FOREVER)
  void answer.then(
    user => {
      const flaw = user === null ? 'ERR invalid password' : openSession(client, services, user)
      if (flaw === null) reply.ok()
      else reply.error(flaw)
      call.goOn()
    },
    (error: unknown) => {
      reply.error(replyOf(error) ?? 'ERR the password could not be checked')
      call.goOn()
    },
  )
}

function hello({ reply, client, services }: Call): void {
  const { node } = services.broker.jobs
  reply.array(3)
  reply.integer(1)
  reply.binary(node)
  reply.array(4)
  reply.binary(node)
  reply.text(client.local.host)
  reply.text(String(client.local.port))
  reply.text(services.isLeaving ? '100' : '1')
}

function line(client: DisqueClient, isMonitor: boolean, now: number): string {
  const { remote, id, name, connectedAt, lastActiveAt, lastCommand, waiter } = client
  const seconds = (since: number): number => Math.max(0, Math.floor((now - since) / 1000))
  const flags = isMonitor ? 'O' : waiter === null ? 'N' : 'b'
  return (
    `id=${id} addr=${remote.host}:${remote.port} fd=0 name=${name} age=${seconds(connectedAt)} ` +
    `idle=${seconds(lastActiveAt)} flags=${flags} qbuf=0 qbuf-free=0 obl=0 oll=0 omem=0 ` +
    `events=r cmd=${lastCommand}\n`
  )
}

function clientCommand(call: Call): void {
  const { args, reply, client, services } = call
  const what = args.lower(1)
  const { clients, broker } = services
  if (what === 'list' && args.count === 2) {
    const now = broker.runtime.clock.now()
    const { monitors } = services
    const lines = [...clients.values()].map(other => line(other, monitors.has(other), now))
    reply.text(lines.join(''))
  } else if (what === 'getname' && args.count === 2) {
    if (client.name === '') reply.nothing()
    else reply.text(client.name)
  } else if (what === 'setname' && args.count === 3) {
    const name = args.text(2)
    if (!/^[!-~]*$/.test(name))
      throw new ReplyError(
        'ERR Client names cannot contain spaces, newlines or special characters.',
      )
    client.name = name
    reply.ok()
  } else if (what === 'kill' && args.count >= 3) kill(call)
  else
    throw new ReplyError(
      'ERR Syntax error, try CLIENT (LIST | KILL ip:port | GETNAME | SETNAME connection-name)',
    )
}

function kill(call: Call): void {
  const { args, reply, client, services } = call
  const clients = [...services.clients.values()]
  if (args.count === 3) {
    const [found] = clients.filter(({ remote }) => `${remote.host}:${remote.port}` === args.text(2))
    if (found === undefined) throw new ReplyError('ERR No such client')
    reply.ok()
    return found.close('CLIENT KILL')
  }
  let doomed = clients
  let sparesSelf = true
  for (let index = 2; index < args.count; index += 2) {
    const option = args.lower(index)
    if (index + 1 >= args.count) throw syntaxError()
    if (option === 'id') {
      const id = wholeAt(args, index + 1, 1, 'client-id should be greater than 0')
      doomed = doomed.filter(other => other.id === id)
    } else if (option === 'addr') {
      const address = args.text(index + 1)
      doomed = doomed.filter(({ remote }) => `${remote.host}:${remote.port}` === address)
    } else if (option === 'skipme') sparesSelf = args.lower(index + 1) === 'yes'
    else throw syntaxError()
  }
  if (sparesSelf) doomed = doomed.filter(other => other !== client)
  reply.integer(doomed.length)
  for (const other of doomed) other.close('CLIENT KILL')
}

export const clientCommands: readonly Command[] = [
  { name: 'auth', arity: 2, flags: ['open'], summary: 'Logs in.', run: authenticate },
  {
    name: 'ping',
    arity: -1,
    flags: [],
    summary: 'Says that the broker is there.',
    run: ({ args, reply }) => {
      if (args.count > 2) throw new ReplyError("ERR wrong number of arguments for 'ping' command")
      if (args.count === 1) reply.simple('PONG')
      else reply.bulk(args.view(1))
    },
  },
  {
    name: 'quit',
    arity: -1,
    flags: ['open'],
    summary: 'Ends the connection.',
    run: ({ reply, client }) => {
      reply.ok()
      client.close('the client said QUIT')
    },
  },
  { name: 'hello', arity: 1, flags: [], summary: 'Which nodes there are: one.', run: hello },
  {
    name: 'client',
    arity: -2,
    flags: ['admin'],
    summary: 'Who is connected.',
    run: clientCommand,
  },
  {
    name: 'monitor',
    arity: 1,
    flags: ['admin'],
    summary: 'Shows what others send.',
    run: ({ reply, client, services }) => {
      services.monitors.add(client)
      reply.ok()
    },
  },
]
