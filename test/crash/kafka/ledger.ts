/** What one partition holds and must hold, as far as anybody was told. Values never repeat. */
export class Ledger {
  readonly #name: string
  readonly #values: string[] = []
  readonly #offsets = new Map<string, number>()
  /** Acknowledged and not yet seen: by value, with the offset that was told, or -1. */
  readonly #promised = new Map<string, number>()
  readonly #last = new Map<string, number>()

  constructor(name: string) {
    this.#name = name
  }

  /** The first offset that was not checked yet. */
  get end(): number {
    return this.#values.length
  }

  /** A producer was told that a record is safe, and perhaps where. */
  acknowledged(value: string, offset: number): void {
    const seen = this.#offsets.get(value)
    if (seen === undefined) this.#promised.set(value, offset)
    else this.#agree(value, offset, seen)
  }

  /** A reader found a record. Throws when it contradicts what was seen or promised before. */
  found(offset: number, value: string): void {
    const known = this.#values[offset]
    if (known !== undefined) {
      if (known !== value) this.#fail(`offset ${offset} was "${known}", now it is "${value}"`)
      return
    }
    if (offset !== this.end) this.#fail(`offset ${offset} follows ${this.end - 1}`)
    const twin = this.#offsets.get(value)
    if (twin !== undefined) this.#fail(`"${value}" is at ${twin} and again at ${offset}`)
    this.#values.push(value)
    this.#offsets.set(value, offset)
    const promised = this.#promised.get(value)
    if (promised !== undefined) this.#agree(value, promised, offset)
    this.#promised.delete(value)
    this.#inOrder(value)
  }

  /** What is promised now and not yet seen; ask before a read begins, for `settled`. */
  get due(): string[] {
    return [...this.#promised.keys()]
  }

  /** Everything was read up to `end`: nothing that was due before may be missing. */
  settled(end: number, due: readonly string[]): void {
    if (end < this.end) this.#fail(`it ended at ${this.end}, now it ends at ${end}`)
    if (end > this.end) this.#fail(`it should end at ${end}, but ${this.end} is the last`)
    const lost = due.filter(value => this.#promised.has(value))
    if (lost.length === 0) return
    this.#fail(`${lost.length} acknowledged records are lost, the first is "${lost[0]}"`)
  }

  /** Values are `producer:number`; the numbers of one producer only grow. */
  #inOrder(value: string): void {
    const [producer = '', text] = value.split(':')
    const number = Number(text)
    const last = this.#last.get(producer) ?? -1
    if (number <= last) this.#fail(`"${value}" comes after ${producer}:${last}`)
    this.#last.set(producer, number)
  }

  #agree(value: string, promised: number, offset: number): void {
    if (promised === -1 || promised === offset) return
    this.#fail(`"${value}" was acknowledged at ${promised}, but it is at ${offset}`)
  }

  #fail(what: string): never {
    throw new Error(`${this.#name}: ${what}`)
  }
}
