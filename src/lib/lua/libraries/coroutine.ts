import { bodyOf, yielding } from '../coroutine.ts'
import type { LuaState } from '../state.ts'
import { isNative, LuaTable } from '../table.ts'
import {
  all,
  fail,
  LuaError,
  type LuaFunction,
  type LuaResult,
  LuaUserdata,
  type LuaValue,
} from '../value.ts'
import { Given } from './arguments.ts'

type Status = 'suspended' | 'running' | 'normal' | 'dead'

/** One thread of a script. It runs when it is resumed, until it yields or is at its end. */
class Coroutine {
  status: Status = 'suspended'
  readonly #called: LuaFunction
  readonly #state: LuaState
  #running: Generator<readonly LuaValue[], LuaResult, LuaResult> | null = null
  /** What it takes of the stack while it runs. */
  #stackWords = 0

  constructor(called: LuaFunction, state: LuaState) {
    this.#called = called
    this.#state = state
  }

  /** What it yields, or returns in the end. */
  resume(given: LuaValue[]): readonly LuaValue[] {
    const state = this.#state
    const { stack } = state
    this.status = 'running'
    state.stack = stack + this.#stackWords
    try {
      const { done, value } = this.#step(given)
      this.status = done === true ? 'dead' : 'suspended'
      this.#stackWords = state.stack - stack
      return all(value)
    } catch (error) {
      this.status = 'dead'
      throw error
    } finally {
      state.stack = stack
    }
  }

  #step(given: LuaValue[]): IteratorResult<readonly LuaValue[], LuaResult> {
    if (this.#running !== null) return this.#running.next(given)
    const body = bodyOf(this.#called)
    if (body === undefined) return { done: true, value: this.#called(...given) }
    this.#running = body(...given)
    return this.#running.next()
  }
}

/** Coroutines within coroutines: each is a call of JavaScript's. */
const DEPTH_MAX = 100

class Threads {
  readonly #state: LuaState
  readonly #byValue = new WeakMap<LuaUserdata, Coroutine>()
  /** Those that run, each resumed by the one before it. */
  #active: LuaUserdata[] = []

  constructor(state: LuaState) {
    this.#state = state
  }

  create(called: LuaFunction): LuaUserdata {
    const value = new LuaUserdata('thread')
    this.#byValue.set(value, new Coroutine(called, this.#state))
    return value
  }

  of(name: string, value: LuaValue): readonly [LuaUserdata, Coroutine] {
    const thread = value instanceof LuaUserdata ? this.#byValue.get(value) : undefined
    if (thread === undefined) throw new Given(name, [value]).error(1, 'coroutine expected')
    return [value as LuaUserdata, thread]
  }

  get running(): LuaUserdata | undefined {
    return this.#active.at(-1)
  }

  /** Throws what the coroutine throws, and when it cannot be resumed. */
  resume(value: LuaUserdata, thread: Coroutine, given: LuaValue[]): readonly LuaValue[] {
    if (thread.status !== 'suspended') {
      throw new LuaError(`cannot resume ${thread.status} coroutine`, true)
    }
    if (this.#active.length >= DEPTH_MAX) throw fail('C stack overflow')
    const resumer = this.#active.at(-1)
    if (resumer !== undefined) this.#byValue.get(resumer)!.status = 'normal'
    this.#active.push(value)
    try {
      return thread.resume(given)
    } finally {
      this.#active.pop()
      if (resumer !== undefined) this.#byValue.get(resumer)!.status = 'running'
    }
  }
}

function scriptFunction(name: string, values: readonly LuaValue[]): LuaFunction {
  const given = new Given(name, values)
  if (isNative(given.function(1))) throw given.error(1, 'Lua function expected')
  return given.function(1)
}

export function coroutineLibrary(state: LuaState): LuaTable {
  const threads = new Threads(state)
  return LuaTable.of({
    create: (...values) => threads.create(scriptFunction('create', values)),
    yield: yielding,
    running: () => threads.running,
    status: value => threads.of('status', value)[1].status,
    resume: (value, ...given) => {
      const [owner, thread] = threads.of('resume', value)
      try {
        return [true, ...threads.resume(owner, thread, given)]
      } catch (error) {
        return [false, state.caught(error)]
      }
    },
    wrap: (...values) => {
      const owner = threads.create(scriptFunction('wrap', values))
      const [, thread] = threads.of('wrap', owner)
      return (...given) => threads.resume(owner, thread, given)
    },
  })
}
