import { Given } from './arguments.ts'
import { JsonDecoder } from './json-decode.ts'
import { JsonEncoder, type JsonSettings } from './json-encode.ts'
import { LuaTable } from '../table.ts'
import { fail, type LuaFunction, LuaUserdata, type LuaValue } from '../value.ts'

/** What JSON's null is for a script; it is the same for all. */
const nothing = new LuaUserdata('null')
const INT_MAX = 2 ** 31 - 1

const defaults = (): JsonSettings => ({
  isSparseConverted: false,
  sparseRatio: 2,
  sparseSafe: 10,
  encodeDepthMax: 1000,
  decodeDepthMax: 1000,
  precision: 14,
  invalidNumbers: 'off',
})

type Range = { readonly min: number; readonly max: number }
type Count = 'sparseRatio' | 'sparseSafe' | 'encodeDepthMax' | 'decodeDepthMax' | 'precision'

function setCount(
  settings: JsonSettings,
  given: Given,
  at: number,
  { name, min, max }: Range & { readonly name: Count },
): void {
  if (given.values[at - 1] === undefined) return
  const value = given.integer(at)
  if (value < min || value > max) {
    throw given.error(1, `expected integer between ${min} and ${max}`)
  }
  settings[name] = value
}

const counting =
  (settings: JsonSettings, lua: string, range: Range & { readonly name: Count }): LuaFunction =>
  (...values) => {
    setCount(settings, new Given(lua, values), 1, range)
    return settings[range.name]
  }

/** Scripts share what is set, as they do in Redis, unless they make a library of their own. */
export function jsonLibrary(): LuaTable {
  const settings = defaults()
  const encoder = new JsonEncoder(settings, nothing)
  return LuaTable.of({
    null: nothing,
    _NAME: 'cjson',
    _VERSION: '2.1.0',
    new: () => jsonLibrary(),
    encode: (...values) => {
      const given = new Given('encode', values)
      if (values.length !== 1) throw given.error(1, 'expected 1 argument')
      return encoder.encode(values[0])
    },
    decode: (...values) => {
      const given = new Given('decode', values)
      if (values.length !== 1) throw given.error(1, 'expected 1 argument')
      return new JsonDecoder(given.string(1), settings, nothing).decode()
    },
    encode_sparse_array: (...values) => {
      const given = new Given('encode_sparse_array', values)
      if (values[0] !== undefined) settings.isSparseConverted = isOn(values[0], given)
      setCount(settings, given, 2, { name: 'sparseRatio', min: 0, max: INT_MAX })
      setCount(settings, given, 3, { name: 'sparseSafe', min: 0, max: INT_MAX })
      return [settings.isSparseConverted, settings.sparseRatio, settings.sparseSafe]
    },
    encode_max_depth: counting(settings, 'encode_max_depth', depth('encodeDepthMax')),
    decode_max_depth: counting(settings, 'decode_max_depth', depth('decodeDepthMax')),
    encode_number_precision: counting(settings, 'encode_number_precision', {
      name: 'precision',
      min: 1,
      max: 16,
    }),
    encode_keep_buffer: () => true,
    encode_invalid_numbers: (...values) => {
      const given = new Given('encode_invalid_numbers', values)
      const [value] = values
      if (value === 'null') settings.invalidNumbers = 'null'
      else if (value !== undefined) settings.invalidNumbers = isOn(value, given) ? 'on' : 'off'
      return settings.invalidNumbers === 'null' ? 'null' : settings.invalidNumbers === 'on'
    },
    decode_invalid_numbers: () => true,
  })
}

/** Each level takes several calls: deeper, and the stack would be in danger. */
const DEPTH_MAX = 1000
const depth = (name: Count): Range & { readonly name: Count } => ({ name, min: 1, max: DEPTH_MAX })

function isOn(value: LuaValue, given: Given): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'on' || value === 'off') return value === 'on'
  if (typeof value === 'string') throw given.error(1, `invalid option '${value}'`)
  throw fail('bad argument #1 (boolean expected)')
}
