import type { ChannelSpace } from '../../../broker/channel/index.ts'
import type { Call, Command } from '../command.ts'
import { keyIndexes } from '../keys.ts'
import type { Notifier } from '../services.ts'

const NONE: readonly string[] = []

/** The classes `A` stands for, in the order in which CONFIG GET shows them. */
const ALL = 'g$lshzxetd'
/** Those that have to be asked for, in that order, with what chooses the kind of channel. */
const SHOWN = `${ALL}nKEm`

/** The classes in one order, with `A` for all; null when there is an unknown character. */
export function notificationClasses(text: string): string | null {
  const wanted = new Set(text.replaceAll('A', ALL))
  for (const letter of wanted) if (!SHOWN.includes(letter)) return null
  const isAll = ALL.split('').every(letter => wanted.has(letter))
  if (isAll) for (const letter of ALL) wanted.delete(letter)
  return (
    (isAll ? 'A' : '') +
    SHOWN.split('')
      .filter(letter => wanted.has(letter))
      .join('')
  )
}

/** Keyspace notifications: publishes what happens to keys, as `notify-keyspace-events` asks for. */
export class Notifications implements Notifier {
  readonly #space: ChannelSpace
  #classes = ''
  #letters: ReadonlySet<string> = new Set()
  #isSilent = true
  #isFollowing = false

  constructor(space: ChannelSpace) {
    this.#space = space
  }

  get isSilent(): boolean {
    return this.#isSilent
  }

  /** As CONFIG GET shows them. */
  get classes(): string {
    return this.#classes
  }

  /** What `notificationClasses` gave. */
  set classes(classes: string) {
    this.#classes = classes
    this.#letters = new Set(classes.replaceAll('A', ALL))
    // With no kind of channel chosen there is nothing to be heard.
    this.#isSilent = !this.#letters.has('K') && !this.#letters.has('E')
    this.#isFollowing = !this.#isSilent && (this.#letters.has('m') || this.#letters.has('n'))
  }

  notify(database: number, letter: string, event: string, key: string): void {
    if (this.#isSilent || !this.#letters.has(letter) || this.#space.isSilent) return
    if (this.#letters.has('K')) this.#announce(`__keyspace@${database}__:${key}`, event)
    if (this.#letters.has('E')) this.#announce(`__keyevent@${database}__:${event}`, key)
  }

  get isFollowing(): boolean {
    return this.#isFollowing
  }

  missing(call: Call, command: Command): readonly string[] {
    const { args, db } = call
    const isOfInterest = command.flags.includes('readonly') || command.flags.includes('write')
    if (!isOfInterest || command.keys === undefined) return NONE
    const found: string[] = []
    for (const index of keyIndexes(command, args)) {
      const key = args.binary(index)
      if (db.typeOf(key) === undefined && !found.includes(key)) found.push(key)
    }
    return found
  }

  ran({ db }: Call, command: Command, missing: readonly string[]): void {
    const isRead = command.flags.includes('readonly')
    // These look at keys without looking for them.
    if (isRead && command.name.startsWith('object|')) return
    for (const key of missing) {
      if (isRead) this.notify(db.index, 'm', 'keymiss', key)
      else if (db.typeOf(key) !== undefined) this.notify(db.index, 'n', 'new', key)
    }
  }

  #announce(channel: string, body: string): void {
    this.#space.announce(channel, Buffer.from(body, 'latin1'))
  }
}
