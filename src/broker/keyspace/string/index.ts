export {
  type StringEncoding,
  StringValue,
  writePiece,
  writePieces,
  writeText,
} from './string-value.ts'
