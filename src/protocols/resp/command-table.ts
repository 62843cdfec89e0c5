import { assert } from '../../lib/assert.ts'
import { type Arguments, WordTable } from '../../lib/resp/index.ts'
import type { Command, CommandFlag } from './command.ts'

/** A command as it is dispatched: what is asked for every call is a field. */
export class CommandEntry {
  readonly command: Command
  /** As COMMAND says it: `client|list`. */
  readonly name: string
  readonly run: Command['run']
  readonly wordsMin: number
  readonly wordsMax: number
  readonly isWrite: boolean
  readonly isReadOnly: boolean
  readonly isDenyOom: boolean
  readonly isFast: boolean
  /** What it takes depends on the bytes it came with alone: fast where those are few. */
  readonly isFastWhenSmall: boolean
  readonly needsNoLogin: boolean
  readonly isDeniedInMulti: boolean
  readonly isDeniedInScripts: boolean
  /** It may change what is stored, though it is not flagged as a write: scripts, EXEC, PUBLISH. */
  readonly mayChange: boolean
  /** What replicas would have to hear of, if there were any. CLIENT PAUSE WRITE is about those. */
  readonly isReplicated: boolean
  readonly isMonitored: boolean
  readonly isLoggedWhenSlow: boolean
  /** RESP2 clients with subscriptions may say little else. */
  readonly isForSubscribers: boolean
  /** Inside MULTI it is run at once. */
  readonly isNeverQueued: boolean
  /** What it takes away is welcome on a full disk. */
  readonly makesRoom: boolean
  /** Null for those without subcommands. */
  readonly subcommands: WordTable<CommandEntry> | null
  readonly children: readonly CommandEntry[]

  // What INFO commandstats says.
  calls = 0
  microseconds = 0
  rejectedCalls = 0
  failedCalls = 0

  constructor(command: Command) {
    const has = (flag: CommandFlag): boolean => command.flags.includes(flag)
    const { name, arity } = command
    this.command = command
    this.name = name
    this.run = command.run
    this.wordsMin = Math.abs(arity)
    this.wordsMax = arity < 0 ? Number.POSITIVE_INFINITY : arity
    this.isWrite = has('write')
    this.isReadOnly = has('readonly')
    this.isDenyOom = has('denyoom')
    this.isFast = has('fast')
    this.isFastWhenSmall = fastWhenSmall.has(name)
    this.needsNoLogin = has('no_auth')
    this.isDeniedInMulti = has('no_multi')
    this.isDeniedInScripts = has('noscript')
    this.isReplicated = this.isWrite || has('may_replicate')
    this.mayChange = this.isReplicated || has('admin') || name === 'exec'
    this.isMonitored = !has('skip_monitor') && !has('admin')
    this.isLoggedWhenSlow = !has('skip_slowlog')
    this.isForSubscribers = forSubscribers.has(name)
    this.isNeverQueued = neverQueued.has(name)
    this.makesRoom = makeRoom.has(name)
    this.children = (command.subcommands ?? []).map(one => new CommandEntry(one))
    this.subcommands = this.children.length === 0 ? null : new WordTable()
    for (const child of this.children) {
      const [, word] = child.name.split('|')
      assert(word !== undefined, `${child.name} is the name of a subcommand`)
      this.subcommands!.set(word, child)
    }
  }

  fits(words: number): boolean {
    return words >= this.wordsMin && words <= this.wordsMax
  }

  forgetStatistics(): void {
    this.calls = this.microseconds = this.rejectedCalls = this.failedCalls = 0
  }
}

const forSubscribers: ReadonlySet<string> = new Set([
  'ping',
  'subscribe',
  'ssubscribe',
  'psubscribe',
  'unsubscribe',
  'sunsubscribe',
  'punsubscribe',
  'quit',
  'reset',
])
/** Redis does not call them fast. */
const fastWhenSmall: ReadonlySet<string> = new Set(['set', 'setex', 'psetex'])
const neverQueued: ReadonlySet<string> = new Set([
  'exec',
  'discard',
  'multi',
  'watch',
  'quit',
  'reset',
])
const makeRoom: ReadonlySet<string> = new Set(['del', 'unlink', 'flushdb', 'flushall'])

/** All commands there are, found by a client's words or by name. */
export class CommandTable {
  readonly #byWord = new WordTable<CommandEntry>()
  readonly #byName = new Map<string, CommandEntry>()
  /** In the order of the tables, without subcommands. */
  readonly entries: readonly CommandEntry[]

  constructor(commands: readonly Command[]) {
    this.entries = commands.map(command => new CommandEntry(command))
    for (const entry of this.entries) {
      assert(!this.#byName.has(entry.name), `there is one command ${entry.name}`)
      this.#byWord.set(entry.name, entry)
      for (const one of [entry, ...entry.children]) this.#byName.set(one.name, one)
    }
  }

  /** The command that the first words name, or its subcommand; undefined when there is none. */
  find(args: Arguments): CommandEntry | undefined {
    const entry = this.#byWord.find(args, 0)
    if (entry === undefined || entry.subcommands === null || args.count === 1) return entry
    return entry.subcommands.find(args, 1)
  }

  /** The command itself, whatever its second word. */
  findContainer(args: Arguments): CommandEntry | undefined {
    return this.#byWord.find(args, 0)
  }

  /** By `config|get`, in lower case. */
  get(name: string): CommandEntry | undefined {
    return this.#byName.get(name)
  }

  /** Subcommands, too. */
  all(): Iterable<CommandEntry> {
    return this.#byName.values()
  }
}
