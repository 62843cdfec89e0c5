import { createHash } from 'node:crypto'
import {
  LuaError,
  type LuaFunction,
  LuaTable,
  type LuaValue,
  NONE,
} from '../../../lib/lua/index.ts'
import { REDIS_VERSION } from '../version.ts'

/** What scripts ask of whoever runs them. */
export interface ScriptHost {
  /** Runs a command. The value, or the text of the error that it is refused with or answers. */
  command(words: readonly LuaValue[]): { readonly failure: string | null; readonly value: LuaValue }
  setVersion(version: 2 | 3): void
  log(level: number, text: string): void
  /** Null: there is no such command. */
  mayRun(words: readonly LuaValue[]): boolean | null
}

export const sha1 = (text: string): string =>
  createHash('sha1').update(text, 'latin1').digest('hex')

const levels = { LOG_DEBUG: 0, LOG_VERBOSE: 1, LOG_NOTICE: 2, LOG_WARNING: 3 }
const replication = {
  REPL_NONE: 0,
  REPL_AOF: 1,
  REPL_SLAVE: 2,
  REPL_REPLICA: 2,
  REPL_ALL: 3,
}

/** The table `redis`. */
export function redisLibrary(host: ScriptHost): LuaTable {
  const run =
    (isRaised: boolean): LuaFunction =>
    (...words) => {
      const { failure, value } = host.command(words)
      if (failure === null) return value
      const error = LuaTable.of({ err: failure, ignore_error_stats_update: true })
      if (isRaised) throw new LuaError(error, true)
      return error
    }
  const functions: Record<string, LuaFunction> = {
    call: run(true),
    pcall: run(false),
    error_reply: (...given) => {
      const [text] = given
      if (given.length !== 1 || typeof text !== 'string') return errorTable(MISTYPED)
      return errorTable(text.startsWith('-') ? text : `-${text}`)
    },
    status_reply: (...given) => {
      const [text] = given
      if (given.length !== 1 || typeof text !== 'string') return errorTable(MISTYPED)
      return LuaTable.of({ ok: text })
    },
    sha1hex: (...given) => {
      if (given.length !== 1) throw raised('wrong number of arguments')
      const [value] = given
      return sha1(
        typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '',
      )
    },
    log: (...given) => log(host, given),
    setresp: (...given) => {
      if (given.length !== 1) throw raised('redis.setresp() requires one argument.')
      const version = Number(given[0])
      if (version !== 2 && version !== 3) throw raised('RESP version must be 2 or 3.')
      host.setVersion(version)
      return NONE
    },
    set_repl: (...given) => {
      if (given.length !== 1) throw raised('redis.set_repl() requires one argument.')
      if ((Number(given[0]) & ~3) === 0) return NONE
      throw raised('Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.')
    },
    replicate_commands: () => true,
    breakpoint: () => false,
    debug: () => NONE,
    acl_check_cmd: (...words) => {
      const may = host.mayRun(words)
      if (may === null) throw raised('Invalid command passed to redis.acl_check_cmd()')
      return may
    },
  }
  return LuaTable.of({
    ...functions,
    ...levels,
    ...replication,
    REDIS_VERSION,
    REDIS_VERSION_NUM: versionNumber(REDIS_VERSION),
  })
}

const MISTYPED = 'wrong number or type of arguments'

/** `-CODE text` has its own code, everything else gets Redis' general one. */
function errorTable(text: string): LuaTable {
  const own = /^-(\S+) ([\s\S]*)$/.exec(text)
  const plain = text.startsWith('-') ? text.slice(1) : text
  return LuaTable.of({ err: own === null ? `ERR ${plain}` : `${own[1]!} ${own[2]!}` })
}

export const raised = (text: string): LuaError => new LuaError(errorTable(text), true)

function log(host: ScriptHost, given: readonly LuaValue[]): readonly LuaValue[] {
  if (given.length < 2) throw raised('redis.log() requires two arguments or more.')
  const [level, ...parts] = given
  if (typeof level !== 'number') throw raised('First argument must be a number (log level).')
  if (!(level >= 0 && level <= 3)) throw raised('Invalid log level.')
  const texts = parts.filter(part => typeof part === 'string' || typeof part === 'number')
  host.log(level, texts.join(' '))
  return NONE
}

function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  return (major << 16) | (minor << 8) | patch
}
