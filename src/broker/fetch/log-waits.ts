import type { LogId } from '../../log/store.ts'

/** Lists of logs that nobody waits for are kept: mostly somebody soon does again. */
const EMPTY_MAX = 10_000

/** Where it stands in the list of each of its logs is kept up to date by `LogWaits`. */
export interface Listed {
  readonly logs: readonly LogId[]
  readonly places: number[]
}

/** Those that wait for one log, and for each of them which of its logs it is. */
type List<Item> = { readonly items: Item[]; readonly which: number[] }

/**
 * Who waits for which log. Arrays, no sets: the table of a set is made anew every few changes, and
 * those before it, once they are old, keep everything alive that waited until all of the heap is
 * collected.
 */
export class LogWaits<Item extends Listed> {
  readonly #lists = new Map<LogId, List<Item>>()
  #emptyCount = 0

  /** Do not change it. */
  of(log: LogId): readonly Item[] | undefined {
    return this.#lists.get(log)?.items
  }

  add(item: Item): void {
    const { logs, places } = item
    for (let index = 0; index < logs.length; index++) {
      const { items, which } = this.#listOf(logs[index]!)
      if (items.length === 0) this.#emptyCount--
      places[index] = items.length
      items.push(item)
      which.push(index)
    }
  }

  remove({ logs, places }: Item): void {
    for (let index = 0; index < logs.length; index++) {
      const { items, which } = this.#lists.get(logs[index]!)!
      const [item, itemWhich] = [items.pop()!, which.pop()!]
      const place = places[index]!
      if (place < items.length) {
        items[place] = item
        which[place] = itemWhich
        item.places[itemWhich] = place
      }
      if (items.length === 0) this.#emptyCount++
    }
    if (this.#emptyCount > EMPTY_MAX) this.#dropEmpty()
  }

  #listOf(log: LogId): List<Item> {
    let list = this.#lists.get(log)
    if (list === undefined) {
      list = { items: [], which: [] }
      this.#lists.set(log, list)
      this.#emptyCount++
    }
    return list
  }

  #dropEmpty(): void {
    for (const [log, { items }] of this.#lists) if (items.length === 0) this.#lists.delete(log)
    this.#emptyCount = 0
  }
}
