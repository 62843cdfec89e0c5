import type { ClientState } from '../../connected/client-state.ts'
import type { Call, Command } from '../../command.ts'
import { errorReplyOf, ReplyError, syntaxError } from '../../errors.ts'
import { openSession } from '../../connected/session.ts'
import { REDIS_VERSION } from '../../version.ts'
import { stateOf } from '../state.ts'
import { checkName } from './names.ts'

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.'
const STRANGER =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO ' +
  '<proto> AUTH <user> <pass> option can be used to authenticate the client and select the ' +
  'RESP protocol version at the same time'

export const helloCommands: readonly Command[] = [
  {
    name: 'auth',
    arity: -2,
    group: 'connection',
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    since: '1.0.0',
    summary: 'Proves who the client is.',
    run: auth,
  },
  {
    name: 'hello',
    arity: -1,
    group: 'connection',
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    since: '6.0.0',
    summary: 'Agrees on the version of the protocol, and who is who.',
    run: hello,
  },
]

function auth(call: Call): void {
  const { args } = call
  if (args.count > 3) throw syntaxError()
  const name = args.count === 3 ? args.text(1) : null
  logIn(call, name, args.text(args.count - 1), reply => reply.ok())
}

type Greeting = { version: number; name: string | null; login: readonly [string, string] | null }

function hello(call: Call): void {
  const client = stateOf(call)
  const greeting = greetingOf(call)
  const welcome = (reply: Call['reply']): void => {
    if (client.user === null) return reply.error(STRANGER)
    if (greeting.name !== null) client.name = greeting.name
    if (greeting.version !== 0) client.version = greeting.version === 2 ? 2 : 3
    describe(reply, client)
  }
  if (greeting.login === null) welcome(call.reply)
  else logIn(call, greeting.login[0], greeting.login[1], welcome)
}

function greetingOf({ args }: Call): Greeting {
  const greeting: Greeting = { version: 0, name: null, login: null }
  if (args.count === 1) return greeting
  const version = args.binary(1)
  if (!/^-?\d{1,18}$/.test(version))
    throw new ReplyError('ERR Protocol version is not an integer or out of range')
  greeting.version = Number(version)
  if (greeting.version < 2 || greeting.version > 3)
    throw new ReplyError('NOPROTO unsupported protocol version')
  for (let index = 2; index < args.count; index++) {
    if (args.is(index, 'auth') && index + 2 < args.count) {
      greeting.login = [args.text(index + 1), args.text(index + 2)]
      index += 2
    } else if (args.is(index, 'setname') && index + 1 < args.count) {
      greeting.name = args.binary(++index)
      checkName(greeting.name)
    } else throw new ReplyError(`ERR Syntax error in HELLO option '${args.text(index)}'`)
  }
  return greeting
}

function logIn(
  call: Call,
  name: string | null,
  password: string,
  welcome: (reply: Call['reply']) => void,
): void {
  const client = stateOf(call)
  const { services } = call
  if (!call.mayBlock) throw new ReplyError('ERR AUTH is not allowed here')
  const resume = call.suspend({ timeoutMs: 0, timedOut: null })
  services.gatekeeper.authenticate(client, name, password).then(
    user => {
      resume(reply => {
        const flaw = user === null ? WRONG_PASSWORD : openSession(services, client, user)
        if (flaw === null) welcome(reply)
        else reply.error(flaw)
      })
    },
    (error: unknown) => {
      resume(reply => reply.error(errorReplyOf(error)))
    },
  )
}

function describe(reply: Call['reply'], client: ClientState): void {
  reply.map(7)
  reply.text('server')
  reply.text('redis')
  reply.text('version')
  reply.text(REDIS_VERSION)
  reply.text('proto')
  reply.integer(client.version)
  reply.text('id')
  reply.integer(client.id)
  reply.text('mode')
  reply.text('standalone')
  reply.text('role')
  reply.text('master')
  reply.text('modules')
  reply.array(0)
}
