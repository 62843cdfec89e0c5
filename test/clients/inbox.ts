/** What a client received without asking, until a scenario asks for it. */
export class Inbox<Item> {
  #items: Item[] = []
  #wake: () => void = () => {}

  put(item: Item): void {
    this.#items.push(item)
    this.#wake()
  }

  /** Up to `count`, once there are as many or the time is over. */
  async take(count: number, waitMs: number): Promise<Item[]> {
    const deadline = performance.now() + waitMs
    while (this.#items.length < count) {
      const left = deadline - performance.now()
      if (left <= 0) break
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return this.#items.splice(0, count)
  }

  /** Forgets all others. */
  keep(isKept: (item: Item) => boolean): void {
    this.#items = this.#items.filter(isKept)
  }
}
