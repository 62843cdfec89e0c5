import {
  all,
  bitLibrary,
  coroutineLibrary,
  fail,
  jsonLibrary,
  type LuaFunction,
  LuaState,
  LuaTable,
  type LuaValue,
  mathLibrary,
  messagePackLibrary,
  openBase,
  stringLibrary,
  structLibrary,
  tableLibrary,
} from '../../../lib/lua/index.ts'
import { limits } from '../../../limits/limits.ts'

/** The world that scripts see, which is the same for all and which none can change. */
export class Environment {
  readonly state: LuaState
  readonly #reseed: () => void

  constructor(elapsed: () => number, redis: LuaTable) {
    const { scriptMs: timeMs, scriptSlotsMax: slotsMax } = limits
    this.state = new LuaState({ timeMs, slotsMax }, elapsed)
    openBase(this.state)
    const { globals } = this.state
    const math = mathLibrary()
    this.#reseed = math.reseed
    const libraries: Record<string, LuaTable> = {
      redis,
      coroutine: coroutineLibrary(this.state),
      string: stringLibrary(),
      table: tableLibrary(),
      math: math.library,
      bit: bitLibrary(),
      cjson: jsonLibrary(),
      cmsgpack: messagePackLibrary(),
      struct: structLibrary(),
      os: LuaTable.of({ clock: () => elapsed() / 1000 }),
    }
    for (const [name, library] of Object.entries(libraries)) {
      library.isReadonly = true
      globals.set(name, library)
    }
    globals.set('pcall', errorsAsTexts(globals.get('pcall') as LuaFunction))
    protect(globals)
  }

  /** What a run begins with: its keys and arguments, and the same random numbers as any other. */
  begin(keys: LuaTable, values: LuaTable): void {
    const { globals } = this.state
    globals.isReadonly = false
    globals.set('KEYS', keys)
    globals.set('ARGV', values)
    globals.isReadonly = true
    this.#reseed()
  }
}

/** Redis' `pcall` gives the text of an error that a command raised. */
const errorsAsTexts =
  (pcall: LuaFunction): LuaFunction =>
  (...values) => {
    const results = all(pcall(...values))
    const [isOk, error] = results
    if (isOk === true || !(error instanceof LuaTable)) return results
    const text = error.get('err')
    return typeof text === 'string' ? [false, text] : [false, error, undefined]
  }

/** A global that is not there is a mistake; that nobody writes one, the table itself sees to. */
function protect(globals: LuaTable): void {
  const missing: LuaFunction = (_: LuaValue, name: LuaValue) => {
    const shown = typeof name === 'string' || typeof name === 'number' ? name : '?'
    throw fail(`Script attempted to access nonexistent global variable '${shown}'`)
  }
  globals.metatable = LuaTable.of({ __index: missing })
  globals.metatable.isReadonly = true
  globals.isReadonly = true
}
