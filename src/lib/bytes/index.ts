export { ByteReader, MalformedError } from './reader.ts'
export { ByteWriter, COPY_BYTES_MAX } from './writer.ts'
