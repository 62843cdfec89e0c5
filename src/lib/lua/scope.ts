/** Lua's own bounds. */
const LOCALS_MAX = 200
/** What a call of a function takes of the stack besides its locals, in words. */
const CALL_WORDS = 64

/** A function that is being translated: its blocks, and the names of its locals. */
export class FunctionScope {
  readonly outer: FunctionScope | null
  readonly isVararg: boolean
  readonly #blocks: Map<string, string>[] = [new Map()]
  #activeCount = 0
  #localCount = 0

  constructor(outer: FunctionScope | null, isVararg: boolean) {
    this.outer = outer
    this.isVararg = isVararg
  }

  open(): void {
    this.#blocks.push(new Map())
  }

  close(): void {
    this.#activeCount -= this.#blocks.pop()!.size
  }

  /** False when the function has too many locals. */
  declare(name: string, translated: string): boolean {
    this.#blocks[this.#blocks.length - 1]!.set(name, translated)
    this.#localCount++
    return ++this.#activeCount <= LOCALS_MAX
  }

  /** The translated name, of this function or of one around it; undefined: it is a global. */
  find(name: string): { readonly translated: string; readonly isUpvalue: boolean } | undefined {
    for (let at = this.#blocks.length - 1; at >= 0; at--) {
      const translated = this.#blocks[at]!.get(name)
      if (translated !== undefined) return { translated, isUpvalue: false }
    }
    const found = this.outer?.find(name)
    return found === undefined ? undefined : { translated: found.translated, isUpvalue: true }
  }

  /** About how many words a call takes of the stack. */
  get stackWords(): number {
    return CALL_WORDS + this.#localCount * 2
  }
}
