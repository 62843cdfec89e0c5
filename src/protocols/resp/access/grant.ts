import type { UserAccount, Users } from '../../../broker/access/index.ts'
import type { Database } from '../../../broker/keyspace/index.ts'
import type { Arguments } from '../../../lib/resp/index.ts'
import type { Command } from '../command.ts'
import { type AclUser, RULES_OF } from './acl-user.ts'
import { type ChannelUse, everyChannel } from './channels.ts'
import { everyKey, type KeyNeed } from './key-needs.ts'
import { isEverything } from './patterns.ts'
import type { Selector } from './selector.ts'

/** Why a command is not for a user: itself, or one of its words. */
export type Denial = {
  readonly reason: 'command' | 'key' | 'channel'
  /** Of the word; 0 for the command. */
  readonly index: number
}

/** Denials of the same command by several selectors: the one that says most is told. */
const weight = { command: 0, key: 1, channel: 2 } as const

export type GrantParts = {
  readonly access: Users
  /** Undefined: nobody made the user, and everybody is them. */
  readonly account: UserAccount | undefined
  readonly user: AclUser
}

/** What a user may, as long as nothing is changed about users. Shared by all who are that user. */
export class Grant {
  readonly version: number
  /** Nothing need be asked. */
  readonly isAll: boolean
  readonly user: AclUser
  readonly #access: Users
  readonly #account: UserAccount | undefined
  /** The keys are told by patterns of names alone: there are no rules. */
  readonly #isRuled: boolean
  /** By namespace, what `#saysNoMore` found. */
  readonly #silent = new Map<string, boolean>()

  constructor({ access, account, user }: GrantParts) {
    this.version = access.version
    this.user = user
    this.#access = access
    this.#account = account
    this.#isRuled = account === undefined || account.rules[RULES_OF] !== undefined
    this.isAll =
      user.selectors.some(({ isAll }) => isAll) && (account === undefined || this.#isUnbounded)
  }

  /** Null: the command may be run. */
  denial(command: Command, args: Arguments, db: Database): Denial | null {
    const denial = this.#isRuled
      ? this.#denialBySelectors(command, args)
      : this.#denialByPatterns(command, args, db)
    if (denial !== null || this.#account === undefined || !this.#isRuled) return denial
    return this.#mayAsPermitted(command, args, db)
  }

  mayHear(channel: string, isPattern: boolean): boolean {
    if (this.#isRuled) return this.user.selectors.some(each => each.mayHear(channel, isPattern))
    return this.#mayUseChannel(channel, isPattern ? 'pattern' : 'hears')
  }

  #denialBySelectors(command: Command, args: Arguments): Denial | null {
    let worst: Denial | null = null
    for (const selector of this.user.selectors) {
      const denial = denialOf(selector, command, args)
      if (denial === null) return null
      const isWorse =
        worst === null ||
        weight[denial.reason] > weight[worst.reason] ||
        (denial.reason === worst.reason && denial.index > worst.index)
      if (isWorse) worst = denial
    }
    return worst
  }

  #denialByPatterns(command: Command, args: Arguments, db: Database): Denial | null {
    if (this.user.selectors[0]?.mayRun(command, args) !== true)
      return { reason: 'command', index: 0 }
    const denial = this.#mayAsPermitted(command, args, db)
    if (denial !== null) return denial
    let at = 0
    const mayChannels = everyChannel(command, args, (index, use) => {
      at = index
      return this.#mayUseChannel(args.binary(index), use)
    })
    return mayChannels ? null : { reason: 'channel', index: at }
  }

  /** By the patterns of names that all protocols go by. What has no equal here may be wider. */
  #mayAsPermitted(command: Command, args: Arguments, db: Database): Denial | null {
    const { namespace } = db
    if (this.#saysNoMore(namespace)) return null
    let at = 0
    const mayKeys = everyKey(command, args, (index, need) => {
      at = index
      return this.#mayUseKey(args.binary(index), need, db)
    })
    return mayKeys ? null : { reason: 'key', index: at }
  }

  #mayUseKey(key: string, { reads, writes }: KeyNeed, db: Database): boolean {
    const access = this.#access
    const account = this.#account!
    const name = nameOf(key)
    const { namespace } = db
    if (reads && !access.may(account, namespace, 'read', name)) return false
    if (!reads && !writes)
      return (
        access.may(account, namespace, 'read', name) ||
        access.may(account, namespace, 'write', name)
      )
    if (!writes) return true
    if (!access.may(account, namespace, 'write', name)) return false
    const configure = account.permissions.get(namespace)?.configure ?? ''
    if (this.#isRuled || isEverything(configure)) return true
    // Whoever makes what was not there declares it.
    return db.typeOf(key) !== undefined || access.may(account, namespace, 'configure', name)
  }

  #mayUseChannel(channel: string, use: ChannelUse): boolean {
    const account = this.#account
    if (account === undefined) return true
    if (use === 'pattern') return isEverything(account.permissions.get('/')?.read ?? '')
    const operation = use === 'publishes' ? 'write' : 'read'
    return this.#access.may(account, '/', operation, nameOf(channel))
  }

  /** The patterns of a namespace allow everything, or what the rules allow. */
  #saysNoMore(namespace: string): boolean {
    const known = this.#silent.get(namespace)
    if (known !== undefined) return known
    const found = this.#isSilent(namespace)
    this.#silent.set(namespace, found)
    return found
  }

  #isSilent(namespace: string): boolean {
    const permission = this.#account?.permissions.get(namespace)
    // Databases that nothing was put in have no namespace yet, and nobody was permitted anything.
    if (permission === undefined) return this.#isRuled && namespace !== '/'
    const { configure, write, read } = permission
    if ([configure, write, read].every(isEverything)) return true
    if (!this.#isRuled) return false
    const ruled = this.user.permission
    return (
      permission.configure === ruled.configure &&
      permission.write === ruled.write &&
      permission.read === ruled.read
    )
  }

  get #isUnbounded(): boolean {
    const { permissions } = this.#account!
    if (!permissions.has('/')) return false
    for (const { configure, write, read } of permissions.values())
      if (![configure, write, read].every(isEverything)) return false
    return this.#isRuled
  }
}

function denialOf(selector: Selector, command: Command, args: Arguments): Denial | null {
  if (!selector.mayRun(command, args)) return { reason: 'command', index: 0 }
  let at = 0
  const mayKeys =
    selector.isAllKeys ||
    everyKey(command, args, (index, need) => {
      at = index
      return selector.mayUse(args.binary(index), need)
    })
  if (!mayKeys) return { reason: 'key', index: at }
  const mayChannels =
    selector.isAllChannels ||
    everyChannel(command, args, (index, use) => {
      at = index
      return selector.mayHear(args.binary(index), use === 'pattern')
    })
  return mayChannels ? null : { reason: 'channel', index: at }
}

/** Keys are bytes, names are text. */
const nameOf = (key: string): string => Buffer.from(key, 'latin1').toString('utf8')
