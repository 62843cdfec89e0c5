export { ByteReader, MalformedError } from './reader.ts'
export { ByteWriter, COPY_BYTES_MAX, type Piece } from './writer.ts'
