export { openBase } from './libraries/base.ts'
export { bitLibrary } from './libraries/bit.ts'
export { coroutineLibrary } from './libraries/coroutine.ts'
export { jsonLibrary } from './libraries/json.ts'
export { mathLibrary } from './libraries/math.ts'
export { messagePackLibrary } from './libraries/message-pack.ts'
export { spend } from './meter.ts'
export { LuaState, type LuaLimits } from './state.ts'
export { stringLibrary } from './libraries/string.ts'
export { structLibrary } from './libraries/struct.ts'
export { LuaTable } from './table.ts'
export { tableLibrary } from './libraries/table.ts'
export {
  all,
  fail,
  first,
  LuaAborted,
  LuaError,
  type LuaFunction,
  type LuaResult,
  LuaUserdata,
  NONE,
  type LuaValue,
} from './value.ts'
