import type { ChannelMessage, Form, Subscriber } from './message.ts'

/** Those who subscribed to one channel or pattern, in the order in which they did. */
export class Subscribers {
  readonly #all = new Set<Subscriber>()

  get count(): number {
    return this.#all.size
  }

  /** False: it was among them. */
  add(subscriber: Subscriber): boolean {
    const before = this.#all.size
    this.#all.add(subscriber)
    return this.#all.size > before
  }

  remove(subscriber: Subscriber): boolean {
    return this.#all.delete(subscriber)
  }

  /** Hands it to all but those who are to be passed over, and says to how many. */
  deliver(message: ChannelMessage, isLate: IsLate | null): number {
    let form: Form | null = null
    let frame: Buffer | null = null
    let count = 0
    for (const subscriber of this.#all) {
      if (isLate?.(this, subscriber) === true) continue
      if (subscriber.form !== form) {
        form = subscriber.form
        frame = message.frame(form)
      }
      subscriber.take(frame!) // There is a frame for every form.
      count++
    }
    return count
  }
}

/** Whether somebody subscribed only after the message was published. */
export type IsLate = (subscribers: Subscribers, subscriber: Subscriber) => boolean

/** Subscribers by the name of a channel, or by a pattern. A name without any is forgotten. */
export class Fanout {
  readonly #byName = new Map<string, Subscribers>()

  /** Names with somebody who listens. */
  get count(): number {
    return this.#byName.size
  }

  names(): Iterable<string> {
    return this.#byName.keys()
  }

  entries(): Iterable<readonly [name: string, subscribers: Subscribers]> {
    return this.#byName
  }

  find(name: string): Subscribers | undefined {
    return this.#byName.get(name)
  }

  countOf(name: string): number {
    return this.#byName.get(name)?.count ?? 0
  }

  /** False: it was subscribed. */
  subscribe(name: string, subscriber: Subscriber): boolean {
    let subscribers = this.#byName.get(name)
    if (subscribers === undefined) this.#byName.set(name, (subscribers = new Subscribers()))
    return subscribers.add(subscriber)
  }

  /** False: it was not subscribed. */
  unsubscribe(name: string, subscriber: Subscriber): boolean {
    const subscribers = this.#byName.get(name)
    if (subscribers?.remove(subscriber) !== true) return false
    if (subscribers.count === 0) this.#byName.delete(name)
    return true
  }
}
