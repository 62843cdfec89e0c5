export {
  type HashEncoding,
  HashValue,
  writeFieldExpiry,
  writeFields,
  writeFieldsGone,
  writeFieldsStaying,
} from './hash-value.ts'
