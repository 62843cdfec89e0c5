import { matchesGlob } from '../../../lib/glob.ts'
import type { Arguments } from '../../../lib/resp/index.ts'
import type { Command } from '../command.ts'
import { hasSpace, RuleError } from './rule-error.ts'
import type { CommandIndex } from './command-index.ts'
import type { KeyNeed } from './key-needs.ts'

/** What a pattern of keys allows. */
type KeyPattern = { readonly pattern: string; readonly reads: boolean; readonly writes: boolean }

/** A set of rules, of which a user has one or more: commands, keys and channels. */
export class Selector {
  readonly #index: CommandIndex
  isAllKeys = false
  isAllChannels = false
  #isAllCommands = false
  /** What is not here yet is allowed, too: the rules began with `+@all`. */
  #isOpen = false
  keys: readonly KeyPattern[] = []
  channels: readonly string[] = []
  /** Signed, in the order in which they hold, without what later ones say anew. */
  #rules: readonly string[] = []
  /** By the number of a command. */
  #allowed: Uint8Array
  /** Commands that are allowed with these first arguments only. */
  #firstWords = new Map<number, ReadonlySet<string>>()

  constructor(index: CommandIndex) {
    this.#index = index
    this.#allowed = new Uint8Array(index.count)
  }

  copy(): Selector {
    const made = new Selector(this.#index)
    made.isAllKeys = this.isAllKeys
    made.isAllChannels = this.isAllChannels
    made.#isAllCommands = this.#isAllCommands
    made.#isOpen = this.#isOpen
    made.keys = this.keys
    made.channels = this.channels
    made.#rules = this.#rules
    made.#allowed = this.#allowed.slice()
    made.#firstWords = new Map(this.#firstWords)
    return made
  }

  /** Anything, with any key and channel. */
  get isAll(): boolean {
    return this.#isAllCommands && this.isAllKeys && this.isAllChannels
  }

  /** One rule, as ACL SETUSER takes them. Throws `RuleError`. */
  apply(rule: string): void {
    switch (rule.toLowerCase()) {
      case 'allkeys':
      case '~*':
        this.isAllKeys = true
        this.keys = []
        return
      case 'resetkeys':
        this.isAllKeys = false
        this.keys = []
        return
      case 'allchannels':
      case '&*':
        this.isAllChannels = true
        this.channels = []
        return
      case 'resetchannels':
        this.isAllChannels = false
        this.channels = []
        return
      case 'allcommands':
      case '+@all':
        return this.#setAll(true)
      case 'nocommands':
      case '-@all':
        return this.#setAll(false)
    }
    const sign = rule[0]
    if (sign === '~' || sign === '%') this.#addKeys(rule)
    else if (sign === '&') this.#addChannels(rule.slice(1))
    else if (sign !== '+' && sign !== '-') throw new RuleError('syntax')
    else if (rule[1] === '@') this.#setCategory(rule.slice(2), sign === '+')
    else if (sign === '+' && rule.includes('|')) this.#allowPart(rule.slice(1).toLowerCase())
    else this.#setCommand(rule.slice(1).toLowerCase(), sign === '+')
  }

  /** Whether the command may be run, whatever it is about. */
  mayRun(command: Command, args: Arguments): boolean {
    if (this.#isAllCommands) return true
    const id = this.#index.idOf(command)
    if (id === undefined) return this.#isOpen
    if (this.#allowed[id] === 1) return true
    const words = this.#firstWords.get(id)
    return words !== undefined && args.count > 1 && words.has(args.lower(1))
  }

  mayUse(key: string, { reads, writes }: KeyNeed): boolean {
    if (this.isAllKeys) return true
    for (const each of this.keys) {
      if ((reads && !each.reads) || (writes && !each.writes)) continue
      if (matchesGlob(each.pattern, key)) return true
    }
    return false
  }

  /** A pattern to subscribe to has to be one of those that are allowed, letter for letter. */
  mayHear(channel: string, isPattern: boolean): boolean {
    if (this.isAllChannels) return true
    if (isPattern) return this.channels.includes(channel)
    return this.channels.some(each => matchesGlob(each, channel))
  }

  /** The rules of commands that would make it anew. */
  get commandText(): string {
    return [this.#isOpen ? '+@all' : '-@all', ...this.#rules].join(' ')
  }

  get keyText(): string {
    if (this.isAllKeys) return '~*'
    return this.keys
      .map(({ pattern, reads, writes }) => {
        const kind = reads && writes ? '~' : reads ? '%R~' : '%W~'
        return kind + pattern
      })
      .join(' ')
  }

  get channelText(): string {
    return this.isAllChannels ? '&*' : this.channels.map(each => `&${each}`).join(' ')
  }

  /** All rules that would make it anew. */
  get text(): string {
    const channels = this.isAllChannels ? '&*' : `resetchannels ${this.channelText}`.trimEnd()
    return [this.keyText, channels, this.commandText].filter(part => part !== '').join(' ')
  }

  #setAll(isAllowed: boolean): void {
    this.#allowed.fill(isAllowed ? 1 : 0)
    this.#isAllCommands = this.#isOpen = isAllowed
    this.#rules = []
    this.#firstWords.clear()
  }

  #addKeys(rule: string): void {
    if (this.isAllKeys) throw new RuleError('keys')
    const found = /^(?:~|%([rw]{1,2})~)(.*)$/is.exec(rule)
    if (found === null) throw new RuleError('syntax')
    const kinds = (found[1] ?? 'rw').toLowerCase()
    const pattern = found[2]!
    if (kinds === 'rr' || kinds === 'ww' || hasSpace(pattern)) throw new RuleError('syntax')
    const [reads, writes] = [kinds.includes('r'), kinds.includes('w')]
    const known = this.keys.find(each => each.pattern === pattern)
    if (known === undefined) this.keys = [...this.keys, { pattern, reads, writes }]
    else {
      const wider = { pattern, reads: known.reads || reads, writes: known.writes || writes }
      this.keys = this.keys.map(each => (each === known ? wider : each))
    }
  }

  #addChannels(pattern: string): void {
    if (this.isAllChannels) throw new RuleError('channels')
    if (hasSpace(pattern)) throw new RuleError('syntax')
    if (!this.channels.includes(pattern)) this.channels = [...this.channels, pattern]
  }

  #setCategory(name: string, isAllowed: boolean): void {
    const members = this.#index.ofCategory(name.toLowerCase())
    if (members === undefined) throw new RuleError('unknown')
    this.#note(`@${name.toLowerCase()}`, isAllowed)
    for (const command of members) this.#set(command, isAllowed)
  }

  #setCommand(name: string, isAllowed: boolean): void {
    const command = this.#index.find(name)
    if (command === undefined) throw new RuleError('unknown')
    this.#set(command, isAllowed)
    this.#note(name, isAllowed)
  }

  /** A subcommand; or, for a command that has none, what its first argument is to be. */
  #allowPart(name: string): void {
    const at = name.lastIndexOf('|')
    const [parent, word] = [name.slice(0, at), name.slice(at + 1)]
    const command = this.#index.find(parent)
    if (command === undefined) throw new RuleError('unknown')
    if (parent.includes('|')) throw new RuleError('nested')
    if (word === '') throw new RuleError('syntax')
    if (command.subcommands !== undefined) {
      const part = this.#index.find(name)
      if (part === undefined) throw new RuleError('unknown')
      this.#set(part, true)
    } else {
      const id = this.#index.idOf(command)!
      this.#firstWords.set(id, new Set([...(this.#firstWords.get(id) ?? []), word]))
    }
    this.#note(name, true)
  }

  #set(command: Command, isAllowed: boolean): void {
    for (const each of [command, ...(command.subcommands ?? [])]) {
      const id = this.#index.idOf(each)!
      this.#allowed[id] = isAllowed ? 1 : 0
    }
    this.#firstWords.delete(this.#index.idOf(command)!)
    if (!isAllowed) this.#isAllCommands = false
  }

  /** What it says of parts of the command was said for nothing. */
  #note(name: string, isAllowed: boolean): void {
    const kept = this.#rules.filter(rule => {
      const known = rule.slice(1)
      return known !== name && !known.startsWith(`${name}|`)
    })
    this.#rules = [...kept, (isAllowed ? '+' : '-') + name]
  }
}
