import { formatDouble } from '../../../lib/float-text.ts'
import {
  LuaAborted,
  LuaError,
  type LuaFunction,
  LuaTable,
  type LuaValue,
  spend,
} from '../../../lib/lua/index.ts'
import { Arguments } from '../../../lib/resp/index.ts'
import { limits } from '../../../limits/limits.ts'
import type { CallState } from '../connected/call-state.ts'
import type { ClientState } from '../connected/client-state.ts'
import type { Call } from '../command.ts'
import { ReplyError } from '../errors.ts'
import type { Services } from '../services.ts'
import { Environment } from './environment.ts'
import { LuaReply } from './lua-reply.ts'
import { redisLibrary, type ScriptHost, sha1 } from './redis-library.ts'
import { ResultWriter } from './result.ts'
import { readShebang, type ScriptFlags } from './shebang.ts'

/** For each command: one may take long, and the clock is looked at in between. */
const COMMAND_WORK = 100
const CHUNK = 'user_script'

export type Script = {
  readonly sha: string
  readonly source: string
  readonly run: LuaFunction
  readonly flags: ScriptFlags
  /** SCRIPT LOAD keeps it until SCRIPT FLUSH; what EVAL brought may be forgotten. */
  isLoaded: boolean
}

/** What runs now. */
type Run = {
  readonly call: Call
  readonly nested: CallState
  readonly isReadOnly: boolean
  readonly mayExceedMemory: boolean
  hasWritten: boolean
}

type Outcome = { readonly failure: string | null; readonly value: LuaValue }

/** The scripts of all clients: kept in memory only, as in Redis. They run one at a time. */
export class Scripts implements ScriptHost {
  readonly #services: Services
  readonly #environment: Environment
  readonly #bySha = new Map<string, Script>()
  /** The same by what they say, in the order in which EVAL used them. */
  readonly #bySource = new Map<string, Script>()
  #bytes = 0
  readonly #reply = new LuaReply()
  readonly #args = new Arguments()
  #run: Run | null = null

  constructor(services: Services) {
    this.#services = services
    const { clock } = services.broker.runtime
    this.#environment = new Environment(() => clock.elapsed(), redisLibrary(this))
  }

  /** Milliseconds; 0: for ever. */
  get timeMs(): number {
    const { timeMs } = this.#environment.state.limits
    return timeMs === Infinity ? 0 : timeMs
  }

  set timeMs(value: number) {
    this.#environment.state.limits.timeMs = value === 0 ? Infinity : value
  }

  find(sha: string): Script | undefined {
    return this.#bySha.get(sha)
  }

  has(sha: string): boolean {
    return this.#bySha.has(sha)
  }

  /** Compiles what is new. Throws `ReplyError` when it is no script. */
  load(source: string, isKept: boolean): Script {
    const known = this.#bySource.get(source)
    if (known !== undefined) {
      known.isLoaded ||= isKept
      return known
    }
    if (source.length > limits.scriptSourceBytesMax) {
      throw new ReplyError(`ERR a script may have ${limits.scriptSourceBytesMax} bytes at most`)
    }
    const { flags, body } = readShebang(source)
    this.#makeRoom(source.length)
    const run = this.#compile(body)
    const script: Script = { sha: sha1(source), source, run, flags, isLoaded: isKept }
    this.#bySha.set(script.sha, script)
    this.#bySource.set(source, script)
    this.#bytes += source.length
    return script
  }

  flush(): void {
    this.#bySha.clear()
    this.#bySource.clear()
    this.#bytes = 0
  }

  /** Runs a script for a client and writes its reply. What it changes becomes durable as one. */
  run(call: Call, client: ClientState, script: Script, options: RunOptions): void {
    const { executor, broker } = this.#services
    const { state } = this.#environment
    const { database } = client
    const nested = executor.nested(client, this.#reply)
    const { flags } = script
    const isReadOnly = options.isReadOnly || flags.isReadOnly
    const { mayExceedMemory } = flags
    this.#reply.version = 2
    this.#run = { call, nested, isReadOnly, mayExceedMemory, hasWritten: false }
    this.#environment.begin(options.keys, options.values)
    let failure: string | null = null
    let value: LuaValue
    try {
      value = state.run(script.run, CHUNK)
    } catch (error) {
      failure = this.#failureOf(error, script)
    }
    if (this.#run.hasWritten && call.mayBlock) broker.turn.flush()
    this.#run = null
    if (client.database !== database) client.select(database)
    if (failure === null) new ResultWriter(call.reply, this.#reply.version).write(value)
    else call.reply.error(Buffer.from(failure, 'latin1').toString('utf8'))
  }

  command(words: readonly LuaValue[]): Outcome {
    spend(COMMAND_WORK)
    const run = this.#run!
    const wrong = this.#fill(words)
    if (wrong !== null) return { failure: wrong, value: undefined }
    const { executor, commands } = this.#services
    const entry = commands.find(this.#args)
    if (entry?.run === undefined) return failed('ERR Unknown Redis command called from script')
    if (!entry.fits(this.#args.count)) {
      return failed('ERR Wrong number of args calling Redis command from script')
    }
    if (entry.isDeniedInScripts) return failed('ERR This Redis command is not allowed from script')
    const { gatekeeper } = this.#services
    const refusal = gatekeeper.refusal(run.nested.client, entry.command, this.#args, 'lua')
    if (refusal !== null) {
      return failed(`ERR ACL failure in script: ${refusal.replace(/^NOPERM /, '')}`)
    }
    if (run.isReadOnly && entry.isReplicated) {
      return failed('ERR Write commands are not allowed from read-only scripts.')
    }
    if (!run.hasWritten) {
      const trouble = executor.trouble(
        entry,
        entry.isWrite,
        entry.isDenyOom && !run.mayExceedMemory,
      )
      if (trouble !== null) return failed(trouble)
    }
    if (entry.isReplicated) run.hasWritten = true
    run.nested.args = this.#args
    executor.run(run.nested, entry)
    if (entry.name === 'select') {
      run.nested.db = this.#services.database(run.nested.client.database)
    }
    return this.#reply.take()
  }

  setVersion(version: 2 | 3): void {
    this.#reply.version = version
  }

  log(level: number, text: string): void {
    const { logger } = this.#services.broker.runtime
    const facts = { script: Buffer.from(text, 'latin1').toString('utf8') }
    if (level <= 1) logger.debug(facts, 'a script says')
    else if (level === 2) logger.info(facts, 'a script says')
    else logger.warn(facts, 'a script says')
  }

  mayRun(words: readonly LuaValue[]): boolean | null {
    if (this.#fill(words) !== null) return null
    const { commands, gatekeeper } = this.#services
    const entry = commands.find(this.#args)
    if (entry === undefined) return null
    const { client } = this.#run!.nested
    return gatekeeper.refusal(client, entry.command, this.#args, 'lua') === null
  }

  /** Makes words of values; null, or what is wrong with them. */
  #fill(words: readonly LuaValue[]): string | null {
    if (words.length === 0) {
      return 'ERR Please specify at least one argument for this redis lib call'
    }
    const texts: string[] = []
    let size = 0
    for (const word of words) {
      const text = typeof word === 'number' ? formatDouble(word) : word
      if (typeof text !== 'string') {
        return 'ERR Lua redis lib command arguments must be strings or integers'
      }
      texts.push(text)
      size += text.length
    }
    const args = this.#args
    args.clear()
    // Commands may keep parts of it, so it is a new one each time.
    args.bytes = Buffer.allocUnsafe(size)
    let at = 0
    for (const text of texts) {
      args.bytes.write(text, at, 'latin1')
      args.add(at, (at += text.length))
    }
    return null
  }

  #compile(body: string): LuaFunction {
    try {
      return this.#environment.state.compile(body, CHUNK)
    } catch (error) {
      if (!(error instanceof LuaError) && !(error instanceof RangeError)) throw error
      const reason = error instanceof LuaError ? error.message : `${CHUNK}: too complex`
      const shownReason = Buffer.from(reason, 'latin1').toString('utf8')
      throw new ReplyError(`ERR Error compiling script (new function): ${shownReason}`)
    }
  }

  #failureOf(error: unknown, { sha }: Script): string {
    const { state } = this.#environment
    if (error instanceof LuaAborted) return `ERR Error running script: ${error.message}`
    const { line } = state
    const value = state.caught(error)
    const place = ` script: ${sha}, on @${CHUNK}:${line}.`
    if (!(value instanceof LuaTable)) return `ERR ${shown(value)}${place}`
    const text = value.get('err')
    return `${typeof text === 'string' ? text : 'ERR unknown error'}${place}`
  }

  /** EVAL's scripts are forgotten, the oldest first, so that those that were loaded may stay. */
  #makeRoom(bytes: number): void {
    const { scriptsMax, scriptBytesMax } = limits
    const isFull = (): boolean =>
      this.#bySource.size >= scriptsMax || this.#bytes + bytes > scriptBytesMax
    if (!isFull()) return
    for (const script of this.#bySource.values()) {
      if (script.isLoaded) continue
      this.#bySha.delete(script.sha)
      this.#bySource.delete(script.source)
      this.#bytes -= script.source.length
      if (!isFull()) return
    }
    throw new ReplyError('ERR too many scripts are loaded: SCRIPT FLUSH makes room')
  }
}

export type RunOptions = {
  readonly keys: LuaTable
  readonly values: LuaTable
  readonly isReadOnly: boolean
}

const failed = (failure: string): Outcome => ({ failure, value: undefined })

function shown(value: LuaValue): string {
  if (typeof value === 'number') return formatDouble(value)
  return typeof value === 'string' ? value : value === undefined ? 'nil' : String(typeof value)
}

const all = new WeakMap<Services, Scripts>()

/** Those of a server; made when the first one is needed. */
export function scriptsOf(services: Services): Scripts {
  let scripts = all.get(services)
  if (scripts === undefined) {
    scripts = new Scripts(services)
    all.set(services, scripts)
  }
  return scripts
}
