import { Lexer } from './lexer.ts'
import { framed } from './expressions.ts'
import { FUEL, meter } from './meter.ts'
import * as operators from './operators.ts'
import { Parser } from './parser.ts'
import { block } from './statements.ts'
import { LuaTable } from './table.ts'
import { fail, LuaAborted, LuaError, type LuaFunction, type LuaValue } from './value.ts'

/** Words that calls within calls may take: well below what JavaScript's own stack holds. */
const STACK_WORDS_MAX = 40_000

/** What a script may use up. */
export type LuaLimits = {
  /** Milliseconds that one run may take. */
  timeMs: number
  /** Places in tables that one run may make. */
  readonly slotsMax: number
}

const UNNAMED = /^(bad argument #\d+ to )'\w+'/
const names = Object.keys(operators).join(',')

/** Where scripts live: their globals, and what a run has used up. One script runs at a time. */
export class LuaState {
  readonly globals = new LuaTable()
  /** They hold from the next run on. */
  readonly limits: LuaLimits
  readonly #elapsed: () => number
  readonly stackMax = STACK_WORDS_MAX
  stack = 0
  /** Of the statement that is being run. */
  line = 0
  #chunk = '?'
  #deadline = Infinity

  readonly #refuel = (): void => {
    if (this.#elapsed() > this.#deadline) {
      throw new LuaAborted(`the script ran longer than ${this.limits.timeMs} ms`)
    }
    if (meter.slots > this.limits.slotsMax) {
      throw new LuaAborted(`the script made tables of more than ${this.limits.slotsMax} places`)
    }
    meter.fuel = FUEL
  }

  constructor(limits: LuaLimits, elapsed: () => number) {
    this.limits = limits
    this.#elapsed = elapsed
  }

  get chunk(): string {
    return this.#chunk
  }

  /** Translates a script into a function. Throws `LuaError` with what is wrong with it. */
  compile(source: string, chunk: string, globals = this.globals): LuaFunction {
    const parser = new Parser(new Lexer(source, chunk), /\bcoroutine\b/.test(source), block)
    const body = block(parser)
    if (!parser.is('eof')) throw parser.lexer.error("'<eof>' expected")
    const code = framed(parser, ['...va'], body)
    const prologue = `'use strict';const {${names}}=operators`
    // oxlint-disable-next-line typescript/no-implied-eval -- names are our own, texts are quoted
    const make = new Function('L', 'G', 'operators', `${prologue};return ${code}`) as (
      state: LuaState,
      globals: LuaTable,
      used: typeof operators,
    ) => LuaFunction
    return make(this, globals, operators)
  }

  /** Runs a function with new limits. Throws `LuaError` and `LuaAborted`. */
  run(script: LuaFunction, chunk: string, given: readonly LuaValue[] = []): LuaValue {
    this.#chunk = chunk
    this.#deadline = this.#elapsed() + this.limits.timeMs
    meter.fuel = FUEL
    meter.slots = 0
    meter.refuel = this.#refuel
    this.stack = 0
    return operators.one(script(...given))
  }

  /** A call did not begin: what it was to take of the stack is given back. */
  overflow(words: number): never {
    this.stack -= words
    throw fail('stack overflow')
  }

  /**
   * What an error is worth to a script that catches it. What is no error of a script passes. When a
   * library's function was called without one of the script's around it, no line is to be blamed.
   */
  caught(error: unknown, isNativeCall = false): LuaValue {
    if (error instanceof LuaError) {
      if (typeof error.value !== 'string' || error.isPositioned) return error.value
      if (isNativeCall) return error.value.replace(UNNAMED, "$1'?'")
      return `${this.#chunk}:${this.line}: ${error.value}`
    }
    // Strings and arrays that JavaScript cannot hold. Its stack is not in danger: ours is smaller.
    if (error instanceof RangeError) return 'not enough memory'
    throw error
  }
}
