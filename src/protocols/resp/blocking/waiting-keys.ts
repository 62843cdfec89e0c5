import type { CommandGroup } from '../command.ts'
import type { Waiter } from './waiter.ts'

/**
 * Who waits for which key of one database, in the order in which they came. Those who wait for
 * different types at one key are not in each other's way.
 */
export class WaitingKeys {
  readonly #byGroup = new Map<CommandGroup, Map<string, Set<Waiter>>>()

  add(waiter: Waiter): void {
    let byKey = this.#byGroup.get(waiter.group)
    if (byKey === undefined) this.#byGroup.set(waiter.group, (byKey = new Map()))
    for (const key of waiter.wait?.keys ?? []) {
      const waiters = byKey.get(key)
      if (waiters === undefined) byKey.set(key, new Set([waiter]))
      else waiters.add(waiter)
    }
  }

  remove(waiter: Waiter): void {
    const byKey = this.#byGroup.get(waiter.group)
    if (byKey === undefined) return
    for (const key of waiter.wait?.keys ?? []) {
      const waiters = byKey.get(key)
      if (waiters?.delete(waiter) === true && waiters.size === 0) byKey.delete(key)
    }
    if (byKey.size === 0) this.#byGroup.delete(waiter.group)
  }

  has(key: string): boolean {
    for (const byKey of this.#byGroup.values()) if (byKey.has(key)) return true
    return false
  }

  *keys(): Generator<string> {
    for (const byKey of this.#byGroup.values()) yield* byKey.keys()
  }

  get keyCount(): number {
    let count = 0
    for (const byKey of this.#byGroup.values()) count += byKey.size
    return count
  }

  /** Those at one key, group by group. The sets are alive: who is served leaves them. */
  *at(key: string): Generator<readonly [group: CommandGroup, ReadonlySet<Waiter>]> {
    for (const [group, byKey] of [...this.#byGroup]) {
      const waiters = byKey.get(key)
      if (waiters !== undefined) yield [group, waiters]
    }
  }
}
