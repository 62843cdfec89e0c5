/** Where it stands among the others is kept up to date by `Deadlines`. */
export interface Due {
  readonly tick: number
  place: number
}

/** The soonest first; any can be taken out. A heap, which makes no object and keeps no dead one. */
export class Deadlines<Item extends Due> {
  readonly #items: Item[] = []

  get count(): number {
    return this.#items.length
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  /** In no particular order. */
  all(): Item[] {
    return [...this.#items]
  }

  add(item: Item): void {
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  remove(item: Item): void {
    const last = this.#items.pop()!
    if (last === item) return
    if (last.tick < item.tick) this.#rise(last, item.place)
    else this.#sink(last, item.place)
  }

  /** Puts the item at the place, or before those that are due later. */
  #rise(item: Item, from: number): void {
    const items = this.#items
    let place = from
    for (let above = (place - 1) >> 1; place > 0; above = (place - 1) >> 1) {
      const other = items[above]!
      if (other.tick <= item.tick) break
      this.#put(other, place)
      place = above
    }
    this.#put(item, place)
  }

  /** Puts the item at the place, or behind those that are due sooner. */
  #sink(item: Item, from: number): void {
    const items = this.#items
    let place = from
    for (let below = 2 * place + 1; below < items.length; below = 2 * place + 1) {
      const isRight = below + 1 < items.length && items[below + 1]!.tick < items[below]!.tick
      const other = items[isRight ? below + 1 : below]!
      if (other.tick >= item.tick) break
      this.#put(other, place)
      place = isRight ? below + 1 : below
    }
    this.#put(item, place)
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item
    item.place = place
  }
}
