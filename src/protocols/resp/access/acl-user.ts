import {
  type Credentials,
  digestOf,
  noCredentials,
  type Permission,
  type UserAccount,
} from '../../../broker/access/index.ts'
import { globOfPattern, isEverything, patternOfGlobs } from './patterns.ts'
import type { CommandIndex } from './command-index.ts'
import { RuleError } from './rule-error.ts'
import { Selector } from './selector.ts'

const SKIP_SANITIZE = 'skip-sanitize-payload'
/** By what name these rules lie with a user's account. */
export const RULES_OF = 'resp'
const DIGEST = /^[0-9a-f]{64}$/

/** A user as ACL shows and changes them. What is changed here holds when it is stored. */
export class AclUser {
  readonly name: string
  isEnabled = false
  /** Any password will do. */
  isOpen = false
  skipsSanitizing = false
  /** SHA-256 of passwords, in hexadecimal. */
  digests: readonly string[] = []
  /** The last password that was given in the clear, for credentials that need it; or null. */
  password: string | null = null
  /** Passwords set in other ways are gone, too. */
  forgetsPasswords = false
  /** Something was said about commands, keys or channels. */
  isRuled = false
  readonly #index: CommandIndex
  /** The first is the user's own; another one may do what this one may not. */
  #selectors: Selector[]

  constructor(name: string, index: CommandIndex) {
    this.name = name
    this.#index = index
    this.#selectors = [new Selector(index)]
  }

  /** Who is there when nobody made a user of the name `default`. */
  static everybody(name: string, index: CommandIndex): AclUser {
    const user = new AclUser(name, index)
    for (const rule of ['+@all', '~*', '&*', 'on', 'nopass']) user.apply(rule)
    return user
  }

  /** As the account says. `permission` is what it may in the namespace of the first database. */
  static of(account: UserAccount, index: CommandIndex): AclUser {
    const user = new AclUser(account.name, index)
    user.isEnabled = !account.isDisabled
    user.isOpen = account.credentials.isOpen === true
    user.digests = account.credentials.digests ?? []
    const text = account.rules[RULES_OF]
    if (text === undefined) for (const rule of usualRules(account)) user.apply(rule)
    else for (const rule of mergedRules(text.split(' ')) ?? []) user.#restore(rule)
    user.isRuled = text !== undefined
    return user
  }

  get selectors(): readonly Selector[] {
    return this.#selectors
  }

  get flags(): readonly string[] {
    return [
      this.isEnabled ? 'on' : 'off',
      ...(this.isOpen ? ['nopass'] : []),
      this.skipsSanitizing ? SKIP_SANITIZE : 'sanitize-payload',
    ]
  }

  /** As ACL LIST shows it, without the name. */
  get text(): string {
    return [...this.flags, ...this.digests.map(each => `#${each}`), this.#rules].join(' ')
  }

  /** What is kept with the account. */
  get stored(): string {
    return this.skipsSanitizing ? `${SKIP_SANITIZE} ${this.#rules}` : this.#rules
  }

  /** One rule, as ACL SETUSER takes them. Throws `RuleError`. */
  apply(rule: string): void {
    switch (rule.toLowerCase()) {
      case '':
        return
      case 'on':
        this.isEnabled = true
        return
      case 'off':
        this.isEnabled = false
        return
      case SKIP_SANITIZE:
        this.skipsSanitizing = true
        return
      case 'sanitize-payload':
        this.skipsSanitizing = false
        return
      case 'nopass':
        this.#forgetPasswords()
        this.isOpen = true
        return
      case 'resetpass':
        return this.#forgetPasswords()
      case 'clearselectors':
        this.#selectors = this.#selectors.slice(0, 1)
        this.isRuled = true
        return
      case 'reset':
        return this.#reset()
    }
    if (rule.startsWith('>')) this.#addPassword(rule.slice(1))
    else if (rule.startsWith('#')) this.#addDigest(checked(rule.slice(1)))
    else if (rule.startsWith('<')) this.#removeDigest(digestOfBytes(rule.slice(1)))
    else if (rule.startsWith('!')) this.#removeDigest(checked(rule.slice(1)))
    else this.#applyRule(rule)
  }

  /** What proves a password from now on. `hashed` makes the slow hashes of one. */
  credentials(before: Credentials, hashed: (password: string) => Credentials): Credentials {
    const { digests, isOpen, password } = this
    const own = {
      ...(digests.length > 0 ? { digests } : {}),
      ...(isOpen ? { isOpen } : {}),
    }
    if (password !== null && password !== '')
      return { ...hashed(password), ...own, digestHashed: digestOf(password) }
    const { digests: _digests, isOpen: _isOpen, ...hashes } = before
    const { digestHashed } = before
    const isGone = digestHashed !== undefined && !digests.includes(digestHashed)
    return { ...(this.forgetsPasswords || isGone ? noCredentials : hashes), ...own }
  }

  /** The same for protocols that go by patterns of names. */
  get permission(): Permission {
    const globs = (kind: 'reads' | 'writes'): readonly string[] =>
      this.#selectors.flatMap(selector =>
        selector.isAllKeys
          ? ['*']
          : selector.keys.filter(each => each[kind]).map(({ pattern }) => pattern),
      )
    const [read, write] = [patternOfGlobs(globs('reads')), patternOfGlobs(globs('writes'))]
    return { configure: write, write, read }
  }

  get #rules(): string {
    const [own, ...others] = this.#selectors
    return [own!.text, ...others.map(each => `(${each.text})`)].join(' ')
  }

  #applyRule(rule: string): void {
    if (rule.startsWith('(') && rule.endsWith(')')) this.#addSelector(rule.slice(1, -1))
    else this.#selectors[0]!.apply(rule)
    this.isRuled = true
  }

  #forgetPasswords(): void {
    this.isOpen = false
    this.digests = []
    this.password = null
    this.forgetsPasswords = true
  }

  #reset(): void {
    for (const rule of ['resetpass', 'resetkeys', 'resetchannels', 'off', 'sanitize-payload'])
      this.apply(rule)
    this.apply('clearselectors')
    this.apply('-@all')
  }

  #addPassword(bytes: string): void {
    this.#addDigest(digestOfBytes(bytes))
    this.password = Buffer.from(bytes, 'latin1').toString('utf8')
  }

  #addDigest(digest: string): void {
    if (!this.digests.includes(digest)) this.digests = [...this.digests, digest]
    this.isOpen = false
  }

  #removeDigest(digest: string): void {
    if (!this.digests.includes(digest)) throw new RuleError('password')
    this.digests = this.digests.filter(each => each !== digest)
    if (this.password !== null && digestOf(this.password) === digest) this.password = null
  }

  #addSelector(text: string): void {
    const selector = new Selector(this.#index)
    for (const rule of text.split(' ')) if (rule !== '') selector.apply(rule)
    this.#selectors = [...this.#selectors, selector]
  }

  /** What was stored may name commands that are no more: they cannot be run anyway. */
  #restore(rule: string): void {
    if (rule.startsWith('(')) {
      const selector = new Selector(this.#index)
      for (const each of rule.slice(1, -1).split(' ')) restoreOne(selector, each)
      this.#selectors = [...this.#selectors, selector]
    } else restoreOne(this, rule)
  }
}

function restoreOne(to: { apply(rule: string): void }, rule: string): void {
  try {
    if (rule !== '') to.apply(rule)
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
  }
}

/** Passwords are bytes, of which a binary string has one for each character. */
const digestOfBytes = (bytes: string): string => digestOf(Buffer.from(bytes, 'latin1'))

function checked(digest: string): string {
  if (!DIGEST.test(digest)) throw new RuleError('digest')
  return digest
}

/** Selectors may be spread over several rules. Null when a parenthesis is not closed. */
export function mergedRules(rules: readonly string[]): readonly string[] | null {
  const merged: string[] = []
  let open: string | null = null
  for (const rule of rules) {
    if (open === null && rule.startsWith('(') && !rule.endsWith(')')) open = rule
    else if (open === null) merged.push(rule)
    else {
      open += ` ${rule}`
      if (!rule.endsWith(')')) continue
      merged.push(open)
      open = null
    }
  }
  return open === null ? merged : null
}

/** The parenthesis that is not closed begins here; -1: all are. */
export function unclosedRule(rules: readonly string[]): number {
  let open = -1
  for (const [index, rule] of rules.entries()) {
    if (open < 0 && rule.startsWith('(') && !rule.endsWith(')')) open = index
    else if (open >= 0 && rule.endsWith(')')) open = -1
  }
  return open
}

/**
 * What comes nearest to what a user may who was given patterns of names. Keys whose pattern has no
 * equal here are not shown; whether they may be used is decided by the pattern itself.
 */
function usualRules({ permissions, tags }: UserAccount): readonly string[] {
  const permission = permissions.get('/')
  if (permission === undefined) return ['-@all']
  const { configure, write, read } = permission
  const isWide = [configure, write, read].every(isEverything)
  const keys = isWide
    ? ['~*']
    : [
        ...globOfPattern(read).map(glob => `%R~${glob}`),
        ...globOfPattern(write).map(glob => `%W~${glob}`),
      ]
  const channels = isWide ? ['&*'] : globOfPattern(read).map(glob => `&${glob}`)
  const commands = tags.includes('administrator')
    ? ['+@all']
    : isWide
      ? ['+@all', '-@admin']
      : ['+@all', '-@admin', '-@dangerous']
  return [...keys, ...channels, ...commands]
}
