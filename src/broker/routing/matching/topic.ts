import type { BindingState } from '../state.ts'
import type { Walk } from '../walk.ts'
import type { Matcher } from './matcher.ts'

/** One word of a pattern and all that came before it. */
class TrieNode {
  readonly parent: TrieNode | null
  readonly word: string
  children: Map<string, TrieNode> | null = null
  /** Bindings whose pattern ends here. */
  bindings: Set<BindingState> | null = null
  /** The step that came here last: each comes once. */
  step = 0

  constructor(parent: TrieNode | null, word: string) {
    this.parent = parent
    this.word = word
  }

  get isEmpty(): boolean {
    return this.children === null && this.bindings === null
  }
}

/**
 * Patterns of words between dots: `*` is any one word, `#` any number of them, none included. A key
 * is matched as an automaton would: the set of nodes it may be at moves on with each word. So its
 * cost is bounded by words times nodes, however many `#` somebody binds with.
 */
export class TopicMatcher implements Matcher {
  readonly isStatic = true
  readonly #root = new TrieNode(null, '')
  /** Counts words of all keys ever matched. */
  #step = 0
  /** Nodes the words so far lead to, `#nextCount` of them. */
  #next: TrieNode[] = []
  #nextCount = 0
  #here: TrieNode[] = []

  add(binding: BindingState): void {
    let node = this.#root
    for (const word of wordsOf(binding.binding.routingKey)) {
      node.children ??= new Map()
      let child = node.children.get(word)
      if (child === undefined) node.children.set(word, (child = new TrieNode(node, word)))
      node = child
    }
    node.bindings ??= new Set()
    node.bindings.add(binding)
  }

  remove(binding: BindingState): void {
    let node: TrieNode | undefined = this.#root
    for (const word of wordsOf(binding.binding.routingKey)) node = node?.children?.get(word)
    if (node?.bindings?.delete(binding) !== true) return
    if (node.bindings.size === 0) node.bindings = null
    while (node.isEmpty && node.parent !== null) {
      const parent: TrieNode = node.parent
      parent.children?.delete(node.word)
      if (parent.children?.size === 0) parent.children = null
      node = parent
    }
  }

  route(walk: Walk): void {
    for (let index = 0; index < walk.keyCount; index++) this.#match(walk.keys[index]!, walk)
  }

  #match(key: string, walk: Walk): void {
    this.#nextCount = 0
    this.#step++
    this.#arrive(this.#root)
    for (let from = key === '' ? -1 : 0; from >= 0; ) {
      const dot = key.indexOf('.', from)
      this.#take(dot < 0 ? key.slice(from) : key.slice(from, dot))
      if (this.#nextCount === 0) return
      from = dot < 0 ? -1 : dot + 1
    }
    for (let index = 0; index < this.#nextCount; index++) {
      const { bindings } = this.#next[index]!
      if (bindings !== null) for (const binding of bindings) walk.reach(binding.destination)
    }
  }

  #take(word: string): void {
    const here = this.#next
    const count = this.#nextCount
    this.#next = this.#here
    this.#nextCount = 0
    this.#here = here
    this.#step++
    for (let index = 0; index < count; index++) {
      const node = here[index]!
      if (node.word === '#') this.#arrive(node) // It takes this word, too.
      if (node.children === null) continue
      const literal = node.children.get(word)
      // A word of a key that looks like a wildcard is just a word, which no pattern can name.
      if (literal !== undefined && word !== '#' && word !== '*') this.#arrive(literal)
      const any = node.children.get('*')
      if (any !== undefined) this.#arrive(any)
    }
  }

  #arrive(node: TrieNode): void {
    if (node.step === this.#step) return
    node.step = this.#step
    this.#next[this.#nextCount++] = node
    const none = node.children?.get('#')
    if (none !== undefined) this.#arrive(none)
  }
}

/** No words in an empty key; between two dots that meet is an empty one. */
const wordsOf = (key: string): string[] => (key === '' ? [] : key.split('.'))
