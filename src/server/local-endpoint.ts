import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import type { Logger } from '../lib/logger.ts'
import { limits } from '../limits/limits.ts'

/** What lies in the endpoint's file: who can read it may do everything an operator may. */
export type EndpointFile = { readonly port: number; readonly token: string; readonly pid: number }

export type LocalEndpointOptions = {
  /** Where the port and the token are written, readable by the owner only. */
  readonly file: string
  readonly answer: (operation: string, args: unknown) => Promise<object>
  readonly logger: Logger
}

/**
 * Where the command line reaches the broker: HTTP on a free port of 127.0.0.1, for those who can
 * read a file of the broker's user. `POST /operations/<name>` with JSON, answered with JSON.
 */
export class LocalEndpoint {
  readonly #http: HttpServer
  readonly #file: string

  private constructor(http: HttpServer, file: string) {
    this.#http = http
    this.#file = file
  }

  static async open(options: LocalEndpointOptions): Promise<LocalEndpoint> {
    const { createServer } = await import('node:http') // Not on the way of the first start.
    const token = randomBytes(32).toString('base64url')
    const http = createServer({ requestTimeout: 60_000 }, (request, response) => {
      request.on('error', () => response.destroy())
      respond(request, response, token, options.answer).catch((error: unknown) => {
        options.logger.error({ error: String(error) }, 'a local request failed')
        response.destroy()
      })
    })
    http.maxConnections = 64
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(0, '127.0.0.1', resolve)
    })
    // It keeps the process alive: a broker that is suspended has no other socket.
    const address = http.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const endpoint = new LocalEndpoint(http, options.file)
    try {
      await endpoint.#write({ port, token, pid: process.pid })
    } catch (error) {
      await endpoint.close().catch(() => {}) // What failed first is what is told.
      throw error
    }
    return endpoint
  }

  async #write(content: EndpointFile): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true })
    await rm(this.#file, { force: true }) // A file that was there keeps its mode.
    await writeFile(this.#file, `${JSON.stringify(content)}\n`, { mode: 0o600 })
    await chmod(this.#file, 0o600)
  }

  async close(): Promise<void> {
    try {
      await rm(this.#file, { force: true })
    } finally {
      await new Promise<void>(resolve => {
        this.#http.close(() => resolve())
        this.#http.closeAllConnections()
      })
    }
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  answer: LocalEndpointOptions['answer'],
): Promise<void> {
  // A browser sends an Origin: no page may reach this, whatever it guessed.
  if (request.headers.origin !== undefined || !isAuthorized(request, token)) {
    return reply(response, 401, { error: { kind: 'access-refused', message: 'not authorized' } })
  }
  const name = /^\/operations\/([a-z0-9-]+)$/.exec(request.url ?? '')?.[1]
  if (request.method !== 'POST' || name === undefined) {
    return reply(response, 404, { error: { kind: 'not-found', message: 'not found' } })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limits.localRequestBytesMax) {
      const message = `a request has ${limits.localRequestBytesMax} bytes at most`
      return reply(response, 413, { error: { kind: 'too-large', message } })
    }
    chunks.push(chunk)
  }
  let args: unknown
  try {
    args = bytes === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return reply(response, 400, { error: { kind: 'malformed', message: 'this is not JSON' } })
  }
  const answered = await answer(name, args)
  reply(response, 'error' in answered ? 400 : 200, answered)
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
