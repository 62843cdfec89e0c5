import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../error.ts'

type EndpointFile = { readonly port: number; readonly token: string; readonly pid: number }
type Answer = { readonly result?: unknown; readonly error?: { kind: string; message: string } }

/** What the broker said no with; `kind` is for programs. */
export class RefusedError extends CommandError {
  readonly kind: string

  constructor(kind: string, message: string) {
    super(kind === 'not-found' ? 'notFound' : 'failed', message)
    this.kind = kind
  }
}

/** A running broker on this machine, reached through the file in its data folder. */
export class LocalBroker {
  readonly #endpoint: EndpointFile

  private constructor(endpoint: EndpointFile) {
    this.#endpoint = endpoint
  }

  /** `data` is the broker's data folder. Throws CommandError when no broker runs there. */
  static async open(data: string): Promise<LocalBroker> {
    const file = join(data, 'endpoint.json')
    try {
      // Written by the broker: its shape is known.
      return new LocalBroker(JSON.parse(await readFile(file, 'utf8')) as EndpointFile)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      throw new CommandError(
        'unreachable',
        code === 'EACCES'
          ? `${file} may be read by the user only who started the broker`
          : `no broker runs with the data folder ${data} (give --data or SABIR_DATA)`,
      )
    }
  }

  /** The result of an operation. Throws RefusedError when the broker says no. */
  async ask(operation: string, args: object = {}): Promise<unknown> {
    const { port, token } = this.#endpoint
    let answer: Answer
    try {
      const response = await fetch(`http://127.0.0.1:${port}/operations/${operation}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(args),
      })
      answer = (await response.json()) as Answer
    } catch {
      const message = `the broker (process ${this.#endpoint.pid}) does not answer`
      throw new CommandError('unreachable', message)
    }
    if (answer.error !== undefined) throw new RefusedError(answer.error.kind, answer.error.message)
    return answer.result
  }

  /** The same; undefined, when `isFine`, for what is not there. */
  async unlessMissing(isFine: boolean, operation: string, args: object): Promise<unknown> {
    try {
      return await this.ask(operation, args)
    } catch (error) {
      if (isFine && error instanceof RefusedError && error.kind === 'not-found') return undefined
      throw error
    }
  }
}
