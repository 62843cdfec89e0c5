export {
  isShort,
  plainTextOf,
  sizeOfText,
  type StringEncoding,
  StringValue,
  writePiece,
  writePieces,
  writeText,
} from './string-value.ts'
