import { ByteReader, ByteWriter, MalformedError } from '../../lib/bytes/index.ts'
import { apiKey as apiKeys, errorCode } from './constants.ts'
import {
  apiOf,
  isFlexible,
  requestCodec,
  responseCodec,
  type Api,
  type DraftOf,
  type Fields,
  type ShapeOf,
} from './schema/index.ts'

export { RequestSplitter } from './splitter.ts'

/**
 * Frames, headers and bodies. A frame is what follows the size:
 *
 *   size int32 | request:  key int16, version int16, correlation int32, client text, [tags] | body
 *   size int32 | response: correlation int32, [tags]                                        | body
 *
 * Tags are in the header where the body's version is flexible, with two exceptions: the response
 * to ApiVersions never has them, so that a client can read it whatever it asked for, and
 * ControlledShutdown 0 does not even name its client.
 */

const SIZE_BYTES = 4
/** Of a response: a cluster may have a million partitions, and we asked for them. */
const RESPONSE_ITEMS_MAX = 2 ** 24

export type RequestHeader = {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  /** Null when the client does not name itself. */
  readonly clientId: string | null
}

/** Leaves the reader at the body. A version we have no table of is taken as its neighbours are. */
export function readRequestHeader(reader: ByteReader): RequestHeader {
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  if (apiVersion < 0) throw new MalformedError(`API ${apiKey} in version ${apiVersion}`)
  if (apiKey === apiKeys.CONTROLLED_SHUTDOWN && apiVersion === 0)
    return { apiKey, apiVersion, correlationId, clientId: null }
  const length = reader.int16()
  const clientId = length === -1 ? null : reader.text(length)
  const api = apiOf(apiKey)
  // A refusal must get through, so nothing more is read of a version that we do not know.
  if (api !== undefined && apiVersion <= api.versions[1] && isFlexible(api, apiVersion))
    skipTags(reader)
  return { apiKey, apiVersion, correlationId, clientId }
}

/** The body of a request. The caller has checked that the version exists. */
export function readRequest<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  version: number,
  reader: ByteReader,
): ShapeOf<Request> {
  return requestCodec(api, version).read(reader)
}

/**
 * A whole response with its size in front. Large buffers among the records are part of the answer
 * as they are, and must not change until it is written.
 *
 * To refuse an ApiVersions request of an unknown version, answer in version 0 with error 35 and
 * the versions that are known.
 */
export function encodeResponse<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  version: number,
  correlationId: number,
  response: DraftOf<Response>,
): Buffer[] {
  const writer = new ByteWriter()
  writer.int32(0)
  writer.int32(correlationId)
  if (hasResponseTags(api, version)) writer.uint8(0)
  responseCodec(api, version).write(writer, response)
  return finishFrame(writer)
}

/** A whole request with its size in front, for clients. */
export function encodeRequest<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  header: Omit<RequestHeader, 'apiKey'>,
  request: DraftOf<Request>,
): Buffer[] {
  const { apiVersion, correlationId, clientId } = header
  const writer = new ByteWriter()
  writer.int32(0)
  writer.int16(api.key)
  writer.int16(apiVersion)
  writer.int32(correlationId)
  if (clientId === null) writer.int16(-1)
  else {
    writer.int16(Buffer.byteLength(clientId))
    writer.text(clientId)
  }
  if (isFlexible(api, apiVersion)) writer.uint8(0)
  requestCodec(api, apiVersion).write(writer, request)
  return finishFrame(writer)
}

/** Which request a response frame answers: its first four bytes. */
export function correlationOf(frame: Buffer): number {
  return new ByteReader(frame).int32()
}

/** The body of a response frame, for clients. Bytes in it share memory with the frame. */
export function decodeResponse<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  version: number,
  frame: Buffer,
): ShapeOf<Response> {
  const reader = new ByteReader(frame, RESPONSE_ITEMS_MAX)
  reader.skip(SIZE_BYTES) // The correlation.
  if (hasResponseTags(api, version)) skipTags(reader)
  if (
    api.key === apiKeys.API_VERSIONS &&
    frame.length >= 6 &&
    frame.readInt16BE(4) === errorCode.UNSUPPORTED_VERSION
  )
    return responseCodec(api, 0).read(reader)
  return responseCodec(api, version).read(reader)
}

function hasResponseTags(api: Api, version: number): boolean {
  return api.key !== apiKeys.API_VERSIONS && isFlexible(api, version)
}

function skipTags(reader: ByteReader): void {
  for (let left = reader.varuint(); left > 0; left--) {
    reader.varuint()
    reader.skip(reader.varuint())
  }
}

function finishFrame(writer: ByteWriter): Buffer[] {
  const sizeBytes = writer.sizeBytes - SIZE_BYTES
  const chunks = writer.finishChunks()
  chunks[0]!.writeInt32BE(sizeBytes, 0)
  return chunks
}
