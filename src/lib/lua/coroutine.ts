import { all, fail, type LuaFunction, type LuaResult, type LuaValue } from './value.ts'

/** A function of a script that may be interrupted: it yields what `coroutine.yield` was given. */
export type Body = (...given: LuaValue[]) => Generator<readonly LuaValue[], LuaResult, LuaResult>

/** Of scripts that speak of coroutines only: others need not pay for them. */
const bodies = new WeakMap<LuaFunction, Body>()

export const bodyOf = (called: LuaFunction): Body | undefined => bodies.get(called)

/** Makes a function that libraries can call like any other: between them nothing is interrupted. */
export function lift(body: Body): LuaFunction {
  const made: LuaFunction = (...given) => {
    const step = body(...given).next()
    if (step.done === true) return step.value
    throw fail('attempt to yield across metamethod/C-call boundary')
  }
  bodies.set(made, body)
  return made
}

/** `coroutine.yield`; that it was called at all means that nobody could be interrupted. */
export const yielding: LuaFunction = () => {
  throw fail('attempt to yield across metamethod/C-call boundary')
}

/** A call from a function that may be interrupted. */
export function* invoke(
  called: LuaFunction,
  given: LuaValue[],
): Generator<readonly LuaValue[], LuaResult, LuaResult> {
  const body = bodies.get(called)
  if (body !== undefined) return yield* body(...given)
  if (called === yielding) return all(yield given)
  return called(...given)
}
