import type { Call, Command, CommandFlag } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { flawedTransaction } from '../../refusals.ts'
import { Transaction, Watched } from '../../transaction/index.ts'
import { stateOf } from '../state.ts'

const flags: readonly CommandFlag[] = ['noscript', 'loading', 'stale', 'fast', 'allow_busy']

export const transactionCommands: readonly Command[] = [
  {
    name: 'multi',
    arity: 1,
    group: 'transactions',
    flags,
    since: '1.2.0',
    summary: 'Commands that follow are run together, by EXEC.',
    run: multi,
  },
  {
    name: 'exec',
    arity: 1,
    group: 'transactions',
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    since: '1.2.0',
    summary: 'Runs what came since MULTI: all of it becomes durable, or nothing.',
    run: exec,
  },
  {
    name: 'discard',
    arity: 1,
    group: 'transactions',
    flags,
    since: '2.0.0',
    summary: 'Forgets what came since MULTI.',
    run: discard,
  },
  {
    name: 'watch',
    arity: -2,
    group: 'transactions',
    flags,
    keys: [{ access: 'RO', first: 1, last: -1, step: 1 }],
    since: '2.2.0',
    summary: 'EXEC runs nothing if one of these keys changes before.',
    run: watch,
  },
  {
    name: 'unwatch',
    arity: 1,
    group: 'transactions',
    flags,
    since: '2.2.0',
    summary: 'Forgets which keys are watched.',
    run: unwatch,
  },
]

function multi(call: Call): void {
  const client = stateOf(call)
  if (client.transaction !== null) throw new ReplyError('ERR MULTI calls can not be nested')
  client.transaction = new Transaction()
  call.reply.ok()
}

function exec(call: Call): void {
  const client = stateOf(call)
  const { transaction } = client
  if (transaction === null) throw new ReplyError('ERR EXEC without MULTI')
  const isTouched = client.watched?.isTouched === true
  client.endTransaction()
  if (transaction.isFlawed) throw new ReplyError(flawedTransaction)
  if (isTouched) return call.reply.noArray()
  call.services.executor.runTogether(client, transaction)
}

function discard(call: Call): void {
  const client = stateOf(call)
  if (client.transaction === null) throw new ReplyError('ERR DISCARD without MULTI')
  client.endTransaction()
  call.reply.ok()
}

function watch(call: Call): void {
  const client = stateOf(call)
  if (client.transaction !== null) throw new ReplyError('ERR WATCH inside MULTI is not allowed')
  const { args, db, reply } = call
  client.watched ??= new Watched()
  for (let index = 1; index < args.count; index++) client.watched.add(db, args.binary(index))
  reply.ok()
}

function unwatch(call: Call): void {
  stateOf(call).unwatch()
  call.reply.ok()
}
