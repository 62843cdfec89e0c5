import { LuaTable } from '../../../../lib/lua/index.ts'
import type { Call, Command, KeyFinder } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { type HelpForm, helpCommand } from '../../help.ts'
import { numberAt } from '../../numbers.ts'
import { type Script, scriptsOf } from '../../scripting/index.ts'
import { countedKeys } from '../set/keys.ts'
import { stateOf } from '../state.ts'

const noScript = (): ReplyError => new ReplyError('NOSCRIPT No matching script. Please use EVAL.')

function evaluate(call: Call, isReadOnly: boolean): void {
  run(call, () => scriptsOf(call.services).load(call.args.binary(1), false), isReadOnly)
}

function evaluateLoaded(call: Call, isReadOnly: boolean): void {
  const find = (): Script => {
    const script = scriptsOf(call.services).find(call.args.lower(1))
    if (script === undefined) throw noScript()
    return script
  }
  run(call, find, isReadOnly)
}

function run(call: Call, find: () => Script, isReadOnly: boolean): void {
  const { args, services } = call
  const keyCount = numberAt(args, 2)
  if (keyCount > args.count - 3) {
    throw new ReplyError("ERR Number of keys can't be greater than number of args")
  }
  if (keyCount < 0) throw new ReplyError("ERR Number of keys can't be negative")
  const script = find()
  const keys: string[] = []
  const values: string[] = []
  for (let index = 3; index < args.count; index++) {
    const into = index < 3 + keyCount ? keys : values
    into.push(args.binary(index))
  }
  const options = { keys: new LuaTable(keys), values: new LuaTable(values), isReadOnly }
  scriptsOf(services).run(call, stateOf(call), script, options)
}

function load({ args, reply, services }: Call): void {
  reply.binary(scriptsOf(services).load(args.binary(2), true).sha)
}

function exists({ args, reply, services }: Call): void {
  const scripts = scriptsOf(services)
  reply.array(args.count - 2)
  for (let index = 2; index < args.count; index++) {
    reply.integer(scripts.has(args.lower(index)) ? 1 : 0)
  }
}

function flush({ args, reply, services }: Call): void {
  const isKnown = args.count === 2 || args.is(2, 'sync') || args.is(2, 'async')
  if (!isKnown || args.count > 3) {
    throw new ReplyError('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
  }
  scriptsOf(services).flush()
  reply.ok()
}

/** Nobody is heard while a script runs: what runs too long ends by itself. */
const kill = (): never => {
  throw new ReplyError('NOTBUSY No scripts in execution right now.')
}

function debug({ args, reply }: Call): void {
  if (args.is(2, 'no')) reply.ok()
  else if (args.is(2, 'yes') || args.is(2, 'sync')) {
    throw new ReplyError('ERR there is no debugger of scripts here')
  } else throw new ReplyError('ERR Use SCRIPT DEBUG YES/SYNC/NO')
}

const forms: readonly HelpForm[] = [
  ['DEBUG (YES|SYNC|NO)', 'Scripts cannot be debugged: NO is accepted.'],
  ['EXISTS <sha1> [<sha1> ...]', 'Which of these scripts are kept.'],
  ['FLUSH [ASYNC|SYNC]', 'Forgets all scripts.'],
  ['KILL', 'Ends the script that runs: none, as they end by themselves.'],
  ['LOAD <script>', 'Keeps a script without running it.'],
]

/** EVAL's flags, but for those that write nothing. */
const evaluating = [
  'noscript',
  'skip_monitor',
  'no_mandatory_keys',
  'stale',
  'movablekeys',
] as const

const script = (
  name: string,
  arity: number,
  summary: string,
  start: (call: Call) => void,
): Command => ({
  name: `script|${name}`,
  arity,
  group: 'scripting',
  flags: ['noscript'],
  since: name === 'debug' ? '3.2.0' : '2.6.0',
  summary,
  run: start,
})

const evaluator = (
  name: string,
  since: string,
  summary: string,
  start: (call: Call, isReadOnly: boolean) => void,
): Command => {
  const isReadOnly = name.endsWith('_ro')
  const keys: KeyFinder = countedKeys(isReadOnly ? 'RO' : 'RW', 2)
  return {
    name,
    arity: -3,
    group: 'scripting',
    flags: [...evaluating, isReadOnly ? 'readonly' : 'may_replicate'],
    keys: [keys],
    since,
    summary,
    run: call => start(call, isReadOnly),
  }
}

export const scriptingCommands: readonly Command[] = [
  evaluator('eval', '2.6.0', 'Runs a script.', evaluate),
  evaluator('eval_ro', '7.0.0', 'Runs a script that changes nothing.', evaluate),
  evaluator('evalsha', '2.6.0', 'Runs a script that is kept, by its SHA-1.', evaluateLoaded),
  evaluator(
    'evalsha_ro',
    '7.0.0',
    'Runs a script that is kept and changes nothing.',
    evaluateLoaded,
  ),
  {
    name: 'script',
    arity: -2,
    group: 'scripting',
    flags: [],
    since: '2.6.0',
    summary: 'The scripts that are kept.',
    subcommands: [
      script('debug', 3, 'Says whether scripts are debugged.', debug),
      script('exists', -3, 'Which scripts are kept.', exists),
      script('flush', -2, 'Forgets all scripts.', flush),
      script('kill', 2, 'Ends the script that runs.', kill),
      script('load', 3, 'Keeps a script.', load),
      helpCommand('script', forms, {
        group: 'scripting',
        flags: ['loading', 'stale'],
        since: '5.0.0',
      }),
    ],
  },
]
