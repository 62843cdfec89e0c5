export {
  type HashEncoding,
  HashValue,
  writeFieldExpiry,
  writeFields,
  writeFieldWords,
  writeFieldsGone,
  writeFieldsStaying,
} from './hash-value.ts'
