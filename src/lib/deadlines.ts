/** Something that is due at a time. `heapIndex` is the heap's own; -1: it is in none. */
export interface Dated {
  /** Does not change while it is in a heap. */
  readonly dueAt: number
  heapIndex: number
}

/** What is due first is found at once; adding and removing cost the logarithm of the count. */
export class Deadlines<Item extends Dated> {
  readonly #heap: Item[] = []

  get first(): Item | undefined {
    return this.#heap[0]
  }

  get count(): number {
    return this.#heap.length
  }

  /** In no particular order. */
  all(): Item[] {
    return [...this.#heap]
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
    if (last.dueAt < item.dueAt) this.#up(last, index)
    else this.#down(last, index)
  }

  #up(item: Item, from: number): void {
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const other = this.#heap[above]!
      if (other.dueAt <= item.dueAt) break
      this.#put(other, index)
      index = above
    }
    this.#put(item, index)
  }

  #down(item: Item, from: number): void {
    const heap = this.#heap
    let index = from
    for (;;) {
      let below = index * 2 + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && heap[below + 1]!.dueAt < heap[below]!.dueAt) below++
      const other = heap[below]!
      if (other.dueAt >= item.dueAt) break
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
