import type { Call, Command } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { helpCommand } from '../../help.ts'
import { REDIS_VERSION } from '../../version.ts'
import { stateOf } from '../state.ts'

export const simpleServerCommands: readonly Command[] = [
  {
    name: 'time',
    arity: 1,
    group: 'server',
    flags: ['loading', 'stale', 'fast'],
    since: '2.6.0',
    summary: 'Seconds since 1970, and microseconds.',
    run: time,
  },
  {
    name: 'monitor',
    arity: 1,
    group: 'server',
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '1.0.0',
    summary: 'Shows every command of every client.',
    run: monitor,
  },
  {
    name: 'lolwut',
    arity: -1,
    group: 'server',
    flags: ['readonly', 'fast'],
    since: '5.0.0',
    summary: 'A picture and the version.',
    run: ({ reply }) => reply.verbatim('txt', PICTURE),
  },
  {
    name: 'module',
    arity: -2,
    group: 'server',
    flags: [],
    since: '4.0.0',
    summary: 'There are no modules.',
    subcommands: [
      {
        name: 'module|list',
        arity: 2,
        group: 'server',
        flags: ['admin', 'noscript'],
        since: '4.0.0',
        summary: 'There are none.',
        run: ({ reply }) => reply.array(0),
      },
      ...['load', 'loadex', 'unload'].map(
        (name): Command => ({
          name: `module|${name}`,
          arity: name === 'unload' ? 3 : -3,
          group: 'server',
          flags: ['no_async_loading', 'admin', 'noscript'],
          since: name === 'loadex' ? '7.0.0' : '4.0.0',
          summary: 'Not here.',
          run: () => {
            throw new ReplyError(
              'ERR MODULE command not allowed. If the enable-module-command option is set to ' +
                '"local", you can run it from a local connection, otherwise you need to set this ' +
                'option in the configuration file, and then restart the server.',
            )
          },
        }),
      ),
      helpCommand('module', [['LIST', 'There are none.']], {
        group: 'server',
        flags: ['loading', 'stale'],
        since: '5.0.0',
      }),
    ],
  },
]

function time({ reply, services }: Call): void {
  const now = services.broker.runtime.clock.now()
  reply.array(2)
  reply.text(String(Math.floor(now / 1000)))
  reply.text(String((now % 1000) * 1000))
}

function monitor(call: Call): void {
  const client = stateOf(call)
  if (!call.mayBlock) throw new ReplyError("ERR MONITOR isn't allowed for DENY BLOCKING client")
  call.services.monitors.add(client)
  call.reply.ok()
}

const PICTURE = [
  '      |\\',
  '      | \\',
  '      |  \\',
  '   ___|___\\__',
  '   \\________/',
  ' ~~~~~~~~~~~~~~~',
  '',
  `Redis ver. ${REDIS_VERSION}`,
  '',
].join('\n')
