/** Something that ends at a time. `heapIndex` is the heap's own; -1: it is in none. */
export interface Due {
  readonly deadline: number
  heapIndex: number
}

/** What ends first is found at once; adding and removing cost the logarithm of the count. */
export class Deadlines<Item extends Due> {
  readonly #heap: Item[] = []

  get first(): Item | undefined {
    return this.#heap[0]
  }

  get count(): number {
    return this.#heap.length
  }

  add(item: Item): void {
    this.#heap.push(item)
    this.#up(item, this.#heap.length - 1)
  }

  /** No error when it is not there. */
  remove(item: Item): void {
    const index = item.heapIndex
    if (index < 0) return
    item.heapIndex = -1
    const last = this.#heap.pop()!
    if (last === item) return
    this.#up(last, index)
    this.#down(last, last.heapIndex)
  }

  #up(item: Item, from: number): void {
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const other = this.#heap[above]!
      if (other.deadline <= item.deadline) break
      this.#put(other, index)
      index = above
    }
    this.#put(item, index)
  }

  #down(item: Item, from: number): void {
    let index = from
    for (;;) {
      let below = index * 2 + 1
      const right = this.#heap[below + 1]
      if (right !== undefined && right.deadline < this.#heap[below]!.deadline) below++
      const other = this.#heap[below]
      if (other === undefined || other.deadline >= item.deadline) break
      this.#put(other, index)
      index = below
    }
    this.#put(item, index)
  }

  #put(item: Item, index: number): void {
    this.#heap[index] = item
    item.heapIndex = index
  }
}
