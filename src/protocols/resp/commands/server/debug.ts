import { matchesGlob } from '../../../../lib/glob.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { writeHelp } from '../../help.ts'
import { doubleAt, numberAt } from '../../numbers.ts'

/** Longer than that nobody means. */
const SLEEP_MS_MAX = 60_000
const ITEMS_MAX = 1_000_000

export const debugCommands: readonly Command[] = [
  {
    name: 'debug',
    arity: -2,
    group: 'server',
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '1.0.0',
    summary: 'What test suites ask for.',
    run: debug,
  },
]

const parts: Readonly<Record<string, (call: Call) => void>> = {
  help: call =>
    writeHelp(call, 'DEBUG', [
      ['OBJECT <key>', 'What is known of a value.'],
      ['PROTOCOL <type>', 'A reply of that type.'],
      ['SET-ACTIVE-EXPIRE <0|1>', 'Accepted: keys expire when their time has come.'],
      ['SLEEP <seconds>', 'Answers later. Others do not wait.'],
      ['STRINGMATCH-LEN <length> <pattern>', 'Whether a long text matches.'],
    ]),
  sleep,
  object,
  protocol,
  'set-active-expire': accepted,
  'quicklist-packed-threshold': accepted,
  'listpack-entries': accepted,
  'change-repl-id': accepted,
  'stringmatch-len': stringMatch,
}

/** Where commands may end the process or read its memory, Redis refuses them, too. */
function debug(call: Call): void {
  const part = parts[call.args.lower(1)]
  if (part === undefined)
    throw new ReplyError(
      `ERR unknown subcommand or wrong number of arguments for '${call.args.text(1)}'. ` +
        'Try DEBUG HELP.',
    )
  part(call)
}

function accepted({ reply }: Call): void {
  reply.ok()
}

function sleep(call: Call): void {
  if (call.args.count !== 3) throw syntaxError()
  const timeoutMs = Math.min(Math.max(doubleAt(call.args, 2) * 1000, 0), SLEEP_MS_MAX)
  if (!call.mayBlock || timeoutMs < 1) return call.reply.ok()
  call.suspend({ timeoutMs, timedOut: reply => reply.ok() })
}

function object({ args, db, reply }: Call): void {
  if (args.count < 3) throw syntaxError()
  const key = args.binary(2)
  const type = db.typeOf(key)
  if (type === undefined) throw new ReplyError('ERR no such key')
  const size = db.sizeOf(key) ?? 0
  reply.simple(
    `Value at:0x000000000000 refcount:1 encoding:${type} serializedlength:${size} lru:0 ` +
      'lru_seconds_idle:0',
  )
}

/** For tests of clients: one reply of each type. */
function protocol({ args, reply }: Call): void {
  if (args.count !== 3) throw syntaxError()
  switch (args.lower(2)) {
    case 'string':
      return reply.text('Hello World')
    case 'integer':
      return reply.integer(12_345)
    case 'double':
      return reply.double(3.141)
    case 'null':
      return reply.nothing()
    case 'array':
      reply.array(3)
      return numbers(reply)
    case 'set':
      reply.set(3)
      return numbers(reply)
    case 'map':
      reply.map(3)
      for (let index = 0; index < 3; index++) {
        reply.integer(index)
        reply.boolean(index === 1)
      }
      return
    case 'bignum':
      return reply.bigNumber('1234567999999999999999999999999999999')
    case 'true':
      return reply.boolean(true)
    case 'false':
      return reply.boolean(false)
    case 'verbatim':
      return reply.verbatim('txt', 'This is a verbatim\nstring')
    default:
      throw new ReplyError(
        'ERR Wrong protocol type name. Please use one of the following: ' +
          'string|integer|double|null|array|set|map|attrib|push|verbatim|true|false',
      )
  }
}

function numbers(reply: Call['reply']): void {
  for (let index = 0; index < 3; index++) reply.integer(index)
}

function stringMatch({ args, reply }: Call): void {
  if (args.count !== 4) throw syntaxError()
  const length = numberAt(args, 2)
  if (length < 0 || length > ITEMS_MAX) throw syntaxError()
  reply.integer(matchesGlob(args.binary(3), 'a'.repeat(length)) ? 1 : 0)
}
