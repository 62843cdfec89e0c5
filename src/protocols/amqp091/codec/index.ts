export {
  emptyTable,
  narrowed,
  readTable,
  tableBytes,
  writeTable,
  type Decimal,
  type FieldTable,
  type FieldValue,
  type FieldValueType,
} from './field-table.ts'
export { methodFrame, readMethod } from './method.ts'
