export {
  emptyTable,
  integerTypes,
  narrowed,
  readTable,
  tableBytes,
  typeOfTag,
  writeTable,
  type Decimal,
  type FieldTable,
  type FieldValue,
  type FieldValueType,
} from './field-table.ts'
export { methodFrame, readMethod } from './method.ts'
export { erlangBinary, frameSnippet } from './erlang.ts'
export { jsonOf, jsonValue } from './json.ts'
export { FrameSplitter } from './splitter.ts'
