export {
  isShort,
  plainTextOf,
  sizeOfText,
  type StringEncoding,
  StringValue,
  writePart,
  writePieces,
  writeText,
} from './string-value.ts'
