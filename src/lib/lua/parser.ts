import type { Lexer, TokenKind } from './lexer.ts'
import { FunctionScope } from './scope.ts'

/** Lua's LUAI_MAXCCALLS: how deep what is written may be nested. */
const NESTING_MAX = 200

/** What is known while a script is translated. */
export class Parser {
  readonly lexer: Lexer
  /** Whether functions can be interrupted: in scripts that speak of coroutines. */
  readonly isLifted: boolean
  scope = new FunctionScope(null, true)
  /** Translates a block up to the word that ends it. Statements and expressions need each other. */
  readonly block: (parser: Parser) => string
  /** Loops around, in the same function. */
  loops = 0
  #nameCount = 0
  #depth = 0

  constructor(lexer: Lexer, isLifted: boolean, block: (parser: Parser) => string) {
    this.lexer = lexer
    this.isLifted = isLifted
    this.block = block
  }

  is(kind: TokenKind): boolean {
    return this.lexer.kind === kind
  }

  accept(kind: TokenKind): boolean {
    if (this.lexer.kind !== kind) return false
    this.lexer.next()
    return true
  }

  expect(kind: TokenKind): void {
    if (!this.accept(kind)) throw this.lexer.error(`'${kind}' expected`)
  }

  /** What closes something that was opened further up. */
  expectClosing(kind: TokenKind, opened: TokenKind, line: number): void {
    if (this.accept(kind)) return
    if (line === this.lexer.line) throw this.lexer.error(`'${kind}' expected`)
    throw this.lexer.error(`'${kind}' expected (to close '${opened}' at line ${line})`)
  }

  name(): string {
    if (!this.is('name')) throw this.lexer.error("'<name>' expected")
    const { text } = this.lexer
    this.lexer.next()
    return text
  }

  /** A name of ours for a local: no two are the same. */
  translatedName(name: string): string {
    return `${name}_${++this.#nameCount}`
  }

  declare(name: string, translated: string): void {
    if (!this.scope.declare(name, translated)) {
      throw this.lexer.error('too many local variables', '')
    }
  }

  enter(): void {
    if (++this.#depth > NESTING_MAX) {
      throw this.lexer.error('chunk has too many syntax levels', '')
    }
  }

  leave(): void {
    this.#depth--
  }
}
