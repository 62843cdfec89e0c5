import type { ChannelSpace } from '../../../broker/channel/index.ts'
import type { Notifier } from '../services.ts'

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
  }

  notify(database: number, letter: string, event: string, key: string): void {
    if (this.#isSilent || !this.#letters.has(letter) || this.#space.isSilent) return
    if (this.#letters.has('K')) this.#announce(`__keyspace@${database}__:${key}`, event)
    if (this.#letters.has('E')) this.#announce(`__keyevent@${database}__:${event}`, key)
  }

  #announce(channel: string, body: string): void {
    this.#space.announce(channel, Buffer.from(body, 'latin1'))
  }
}
