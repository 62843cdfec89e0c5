import type { Call, Command } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { wrongArity } from '../../refusals.ts'
import { logOut } from '../../connected/session.ts'
import { stateOf } from '../state.ts'
import { writeWord } from '../words.ts'

export const simpleCommands: readonly Command[] = [
  {
    name: 'ping',
    arity: -1,
    group: 'connection',
    flags: ['fast'],
    since: '1.0.0',
    summary: 'Answers PONG, or what it was given.',
    run: ping,
  },
  {
    name: 'echo',
    arity: 2,
    group: 'connection',
    flags: ['loading', 'stale', 'fast'],
    since: '1.0.0',
    summary: 'Answers what it was given.',
    run: ({ args, reply }) => writeWord(reply, args, 1),
  },
  {
    name: 'select',
    arity: 2,
    group: 'connection',
    flags: ['loading', 'stale', 'fast'],
    since: '1.0.0',
    summary: 'Commands that follow are about another database.',
    run: select,
  },
  {
    name: 'quit',
    arity: -1,
    group: 'connection',
    flags: ['allow_busy', 'noscript', 'loading', 'stale', 'fast', 'no_auth'],
    since: '1.0.0',
    summary: 'Closes the connection.',
    run: call => {
      call.reply.ok()
      call.client.close('QUIT')
    },
  },
  {
    name: 'reset',
    arity: 1,
    group: 'connection',
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    since: '6.2.0',
    summary: 'Makes the connection what it was when it began.',
    run: reset,
  },
]

function ping({ args, reply, client }: Call): void {
  if (args.count > 2) throw new ReplyError(wrongArity('ping'))
  const { subscriptions, version } = client
  if (version === 2 && subscriptions !== null) {
    const { channelCount, patternCount, shardCount } = subscriptions
    if (channelCount + patternCount + shardCount > 0) {
      reply.array(2)
      reply.binary('pong')
      if (args.count === 1) reply.binary('')
      else writeWord(reply, args, 1)
      return
    }
  }
  if (args.count === 1) reply.simple('PONG')
  else writeWord(reply, args, 1)
}

function select(call: Call): void {
  const text = call.args.binary(1)
  if (!/^(0|-?[1-9]\d{0,9})$/.test(text)) {
    throw new ReplyError('ERR value is not an integer or out of range')
  }
  const index = Number(text)
  if (index < 0 || index >= call.services.databaseCount)
    throw new ReplyError('ERR DB index is out of range')
  stateOf(call).select(index)
  call.reply.ok()
}

function reset(call: Call): void {
  const { services, reply } = call
  const client = stateOf(call)
  client.endTransaction()
  client.subscriptions?.leave()
  client.subscriptions = null
  services.tracking.stop(client)
  services.monitors.remove(client)
  client.select(0)
  client.name = ''
  client.version = 2
  client.isReadOnly = client.isNoEvict = client.isNoTouch = false
  client.setReplyMode('on')
  logOut(services, client)
  reply.simple('RESET')
}
