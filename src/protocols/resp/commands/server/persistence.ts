import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { diskTrouble } from '../../refusals.ts'

/** Whatever is asked for, the log is written all the time: these say when it has everything. */
export const persistenceCommands: readonly Command[] = [
  {
    name: 'save',
    arity: 1,
    group: 'server',
    flags: ['no_async_loading', 'admin', 'noscript', 'no_multi'],
    since: '1.0.0',
    summary: 'Waits until the disk has all that was written.',
    run: save,
  },
  {
    name: 'bgsave',
    arity: -1,
    group: 'server',
    flags: ['no_async_loading', 'admin', 'noscript'],
    since: '1.0.0',
    summary: 'Writes nothing more than is written anyway.',
    run: backgroundSave,
  },
  {
    name: 'bgrewriteaof',
    arity: 1,
    group: 'server',
    flags: ['no_async_loading', 'admin', 'noscript'],
    since: '1.0.0',
    summary: 'The log is rewritten all the time, in the background.',
    run: ({ reply }) => reply.simple('Background append only file rewriting started'),
  },
  {
    name: 'lastsave',
    arity: 1,
    group: 'server',
    flags: ['loading', 'stale', 'fast'],
    categories: ['admin', 'dangerous'],
    since: '1.0.0',
    summary: 'When SAVE was last asked for.',
    run: ({ reply, services }) => reply.integer(services.run.savedAt),
  },
  {
    name: 'shutdown',
    arity: -1,
    group: 'server',
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    since: '1.0.0',
    summary: 'Stops the broker. Nothing that was acknowledged is lost.',
    run: shutdown,
  },
]

function save(call: Call): void {
  const { runtime } = call.services.broker
  call.services.broker.turn.flush()
  const resume = call.suspend({ timeoutMs: 0, timedOut: null })
  runtime.store.whenConfirmed('sync', refusal => {
    if (refusal === null) call.services.run.savedAt = Math.floor(runtime.clock.now() / 1000)
    resume(reply => (refusal === null ? reply.ok() : reply.error(diskTrouble(refusal))))
  })
}

function backgroundSave({ args, reply, services }: Call): void {
  if (args.count > 2 || (args.count === 2 && !args.is(1, 'schedule'))) throw syntaxError()
  const { clock, store } = services.broker.runtime
  store.whenConfirmed('sync', refusal => {
    if (refusal === null) services.run.savedAt = Math.floor(clock.now() / 1000)
  })
  reply.simple('Background saving started')
}

function shutdown({ args, services }: Call): void {
  const words = ['nosave', 'save', 'now', 'force', 'abort']
  for (let index = 1; index < args.count; index++)
    if (!words.includes(args.lower(index))) throw syntaxError()
  if (args.count === 2 && args.is(1, 'abort')) throw new ReplyError('ERR No shutdown in progress.')
  const { askToStop } = services.broker
  if (askToStop === null) throw new ReplyError('ERR Errors trying to SHUTDOWN. Check logs.')
  askToStop() // Nothing is answered: the connection ends.
}
