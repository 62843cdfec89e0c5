import { typeOf } from '../../connected/client-line.ts'
import { type ClientState, showAddress } from '../../connected/client-state.ts'
import type { Call, Command } from '../../command.ts'
import { notAnInteger, ReplyError, syntaxError } from '../../errors.ts'
import { stateOf } from '../state.ts'
import { typeCalled } from './types.ts'

export const clientKillCommands: readonly Command[] = [
  {
    name: 'client|kill',
    arity: -3,
    group: 'connection',
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '2.4.0',
    summary: 'Ends connections.',
    run: kill,
  },
  {
    name: 'client|unblock',
    arity: -3,
    group: 'connection',
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '5.0.0',
    summary: 'Ends the wait of a client.',
    run: unblock,
  },
]

type Filter = (client: ClientState) => boolean

function kill(call: Call): void {
  const { args, reply } = call
  if (args.count > 3) return reply.integer(end(call, filtersOf(call)))
  const address = args.text(2)
  if (end(call, [client => client.address === address]) === 0)
    throw new ReplyError('ERR No such client')
  reply.ok()
}

function end(call: Call, filters: readonly Filter[]): number {
  const { clients } = call.services
  const found = [...clients.all()].filter(client => filters.every(fits => fits(client)))
  // Oneself is told first.
  for (const client of found)
    client.close('CLIENT KILL', client === call.client ? 'politely' : 'at once')
  return found.length
}

function filtersOf(call: Call): Filter[] {
  const { args, services } = call
  const filters: Filter[] = []
  let skipsMe = true
  for (let index = 2; index < args.count; index += 2) {
    if (index + 1 >= args.count) throw syntaxError()
    const value = args.text(index + 1)
    switch (args.lower(index)) {
      case 'id':
        filters.push(ofId(value))
        break
      case 'maxage':
        filters.push(olderThan(value, services.broker.runtime.clock.now()))
        break
      case 'type': {
        const type = typeCalled(value)
        filters.push(client => typeOf(client) === type)
        break
      }
      case 'addr':
        filters.push(client => client.address === value)
        break
      case 'laddr':
        filters.push(client => showAddress(client.local) === value)
        break
      case 'user':
        if (value !== 'default' && services.broker.access.user(value) === undefined)
          throw new ReplyError(`ERR No such user '${value}'`)
        filters.push(client => client.user?.name === value)
        break
      case 'skipme':
        skipsMe = isYes(value)
        break
      default:
        throw syntaxError()
    }
  }
  const me = stateOf(call)
  if (skipsMe) filters.push(client => client !== me)
  return filters
}

function ofId(value: string): Filter {
  const id = /^\d{1,15}$/.test(value) ? Number(value) : 0
  if (id === 0) throw new ReplyError('ERR client-id should be greater than 0')
  return client => client.id === id
}

function olderThan(value: string, now: number): Filter {
  if (!/^-?\d{1,15}$/.test(value))
    throw new ReplyError('ERR maxage is not an integer or out of range')
  const seconds = Number(value)
  if (seconds <= 0) throw new ReplyError('ERR maxage should be greater than 0')
  return client => now - client.connectedAt >= seconds * 1000
}

function isYes(value: string): boolean {
  const word = value.toLowerCase()
  if (word !== 'yes' && word !== 'no') throw syntaxError()
  return word === 'yes'
}

function unblock({ args, reply, services }: Call): void {
  if (args.count > 4) throw syntaxError()
  const isError = args.count === 4 && args.is(3, 'error')
  if (args.count === 4 && !isError && !args.is(3, 'timeout'))
    throw new ReplyError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
  const id = args.binary(2)
  if (!/^-?\d{1,18}$/.test(id)) throw notAnInteger()
  const waiter = services.clients.get(Number(id))?.waiter ?? null
  const error = isError ? 'UNBLOCKED client unblocked via CLIENT UNBLOCK' : null
  reply.integer(waiter !== null && services.blocking.unblock(waiter, error) ? 1 : 0)
}
