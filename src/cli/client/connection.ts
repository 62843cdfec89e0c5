import type { Socket } from 'node:net'
import { ByteReader, ByteWriter } from '../../lib/bytes/index.ts'
import type { Address } from '../../protocols/protocol.ts'
import {
  apiVersions,
  isFlexible,
  requestCodec,
  responseCodec,
  type Api,
  type RequestDraft,
  type ResponseOf,
} from '../../protocols/kafka/schema/index.ts'
import { dial, showAddress, type DialTls } from '../../server/index.ts'
import { version } from '../../version.ts'
import { CommandError, messageOf } from '../error.ts'

/** An answer as long as this is none of a broker's. */
const RESPONSE_BYTES_MAX = 512 * 1024 * 1024
const CLIENT_ID = 'sabir-cli'

/**
 * From 13 on, Fetch and Produce name topics by id, OffsetFetch and OffsetCommit from 10 on. Names
 * serve every broker.
 */
const versionCaps: ReadonlyMap<number, number> = new Map([
  [0, 12],
  [1, 12],
  [8, 9],
  [9, 9],
])

type Pending = {
  readonly read: (body: Buffer) => void
  readonly reject: (error: Error) => void
}

/** One connection to one broker: requests out, answers in the same order. */
export class BrokerConnection {
  readonly #socket: Socket
  readonly #address: Address
  readonly #pending = new Map<number, Pending>()
  readonly #versions = new Map<number, readonly [first: number, last: number]>()
  #correlation = 0
  #chunks: Buffer[] = []
  #bytes = 0
  #failure: Error | null = null

  private constructor(socket: Socket, address: Address) {
    this.#socket = socket
    this.#address = address
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('error', error => this.#fail(messageOf(error)))
    socket.on('close', () => this.#fail('the broker closed the connection'))
  }

  static async open(address: Address, tls: DialTls | null): Promise<BrokerConnection> {
    let socket: Socket
    try {
      socket = await dial(address, tls)
    } catch (error) {
      throw unreachableAt(address, reasonOf(error))
    }
    const connection = new BrokerConnection(socket, address)
    await connection.#introduce()
    return connection
  }

  /** With the newest version that both sides speak. */
  async send<One extends Api>(api: One, draft: RequestDraft<One>): Promise<ResponseOf<One>> {
    return this.#send(api, this.#versionOf(api), draft, true) as Promise<ResponseOf<One>>
  }

  /** For a request that is never answered (acks=0). Resolves once it was handed over. */
  async post<One extends Api>(api: One, draft: RequestDraft<One>): Promise<void> {
    await this.#send(api, this.#versionOf(api), draft, false)
  }

  close(): void {
    this.#failure ??= new CommandError('failed', 'closed')
    this.#socket.end()
  }

  async #introduce(): Promise<void> {
    const ask = (at: number) =>
      this.#send(
        apiVersions,
        at,
        { clientSoftwareName: CLIENT_ID, clientSoftwareVersion: version },
        true,
      ) as Promise<ResponseOf<typeof apiVersions>>
    let answer = await ask(3)
    // A broker that does not know version 3 answers in version 0 that it does not.
    if (answer.errorCode === 35) answer = await ask(0)
    for (const { apiKey, minVersion, maxVersion } of answer.apiKeys)
      this.#versions.set(apiKey, [minVersion, maxVersion])
  }

  #versionOf(api: Api): number {
    const served = this.#versions.get(api.key)
    const [first, last] = served ?? [0, -1]
    const chosen = Math.min(last, api.versions[1], versionCaps.get(api.key) ?? 32_767)
    if (chosen >= Math.max(first, api.versions[0])) return chosen
    const has = served === undefined ? 'not at all' : `in versions ${first} to ${last}`
    throw new CommandError(
      'failed',
      `the broker at ${showAddress(this.#address)} serves ${api.name} ${has}`,
    )
  }

  #send(api: Api, at: number, draft: unknown, isAnswered: boolean): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    const correlation = this.#correlation++ & 0x7fffffff
    const frame = encodeRequest(api, at, correlation, draft)
    return new Promise((resolve, reject) => {
      if (isAnswered) {
        const read = (body: Buffer): void => resolve(decodeResponse(api, at, body))
        this.#pending.set(correlation, { read, reject })
      }
      this.#socket.write(frame, () => {
        if (!isAnswered) resolve(undefined)
      })
    })
  }

  #receive(bytes: Buffer): void {
    this.#chunks.push(bytes)
    this.#bytes += bytes.length
    while (this.#bytes >= 4) {
      if (this.#chunks[0]!.length < 4) this.#join()
      const sizeBytes = this.#chunks[0]!.readInt32BE(0)
      if (sizeBytes < 4 || sizeBytes > RESPONSE_BYTES_MAX)
        return this.#fail('what answers there is not a Kafka broker')
      if (this.#bytes < 4 + sizeBytes) return
      this.#join()
      const [all] = this.#chunks
      this.#chunks = [all!.subarray(4 + sizeBytes)]
      this.#bytes -= 4 + sizeBytes
      this.#answered(all!.subarray(4, 4 + sizeBytes))
    }
  }

  /** Only when a whole answer is there: joining at every read would copy a long one many times. */
  #join(): void {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
  }

  #answered(frame: Buffer): void {
    const correlation = frame.readInt32BE(0)
    const pending = this.#pending.get(correlation)
    this.#pending.delete(correlation)
    try {
      pending?.read(frame.subarray(4))
    } catch (error) {
      pending?.reject(new CommandError('failed', `an answer cannot be read: ${messageOf(error)}`))
    }
  }

  #fail(reason: string): void {
    this.#failure ??= unreachableAt(this.#address, reason)
    this.#socket.destroy()
    for (const { reject } of this.#pending.values()) reject(this.#failure)
    this.#pending.clear()
  }
}

function encodeRequest(api: Api, at: number, correlation: number, draft: unknown): Buffer {
  const writer = new ByteWriter(1024)
  writer.int32(0) // The size, known at the end.
  writer.int16(api.key)
  writer.int16(at)
  writer.int32(correlation)
  writer.int16(CLIENT_ID.length)
  writer.text(CLIENT_ID)
  if (isFlexible(api, at)) writer.varuint(0) // No tagged fields.
  requestCodec(api, at).write(writer, draft as never) // The caller's type is of the same table.
  const frame = writer.finish()
  frame.writeInt32BE(frame.length - 4, 0)
  return frame
}

function decodeResponse(api: Api, at: number, body: Buffer): unknown {
  // The header of ApiVersions is never flexible, and its fallback is always version 0.
  const isFallback = api.key === apiVersions.key && body.readInt16BE(0) === 35
  const reader = new ByteReader(body)
  if (isFlexible(api, at) && api.key !== apiVersions.key) skipTags(reader)
  return responseCodec(api, isFallback ? 0 : at).read(reader)
}

function skipTags(reader: ByteReader): void {
  for (let left = reader.varuint(); left > 0; left--) {
    reader.varuint()
    reader.slice(reader.varuint())
  }
}

function unreachableAt(address: Address, reason: string): CommandError {
  return new CommandError(
    'unreachable',
    `no broker answers at ${showAddress(address)}: ${reason}. Start one with "npx sabir", or ` +
      'name another with --broker host:port or SABIR_BROKER.',
  )
}

/** A name with several addresses fails with a bundle of errors that has no message of its own. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const code = first instanceof Error && 'code' in first ? first.code : undefined
  if (code === 'ECONNREFUSED') return 'connection refused'
  if (code === 'ENOTFOUND') return 'the name does not resolve'
  return messageOf(first)
}
