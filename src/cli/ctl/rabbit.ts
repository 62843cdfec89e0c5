import { CommandError } from '../error.ts'
import { LocalBroker, RefusedError } from '../local/client.ts'
import { type Command, CtlError, ctlExit, type Json } from './command.ts'
import type { Options } from './switches.ts'

const DATA_DEFAULT = './sabir-data'

/** The broker as a command sees it: its refusals come in RabbitMQ's words. */
export class Rabbit {
  readonly #command: Command
  readonly #options: Options
  #broker: Promise<LocalBroker> | null = null

  constructor(command: Command, options: Options) {
    this.#command = command
    this.#options = options
  }

  broker(): Promise<LocalBroker> {
    const data = this.#options['data'] ?? process.env['SABIR_DATA'] ?? DATA_DEFAULT
    this.#broker ??= LocalBroker.open(String(data))
    return this.#broker
  }

  async ask(operation: string, args: object = {}): Promise<unknown> {
    try {
      return await (await this.broker()).ask(operation, args)
    } catch (error) {
      if (error instanceof RefusedError) throw this.#refusal(error, args)
      if (error instanceof CommandError) throw this.#unreachable(error)
      throw error
    }
  }

  fresh(operation: string): Promise<unknown> {
    this.#broker = null
    return this.ask(operation)
  }

  async rows(operation: string, args: object = {}): Promise<readonly Json[]> {
    return (await this.ask(operation, args)) as readonly Json[] // As operations of lists answer.
  }

  async input(): Promise<string> {
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk)
    return Buffer.concat(chunks)
      .toString()
      .replace(/\r?\n$/, '')
  }

  #refusal({ kind, message }: RefusedError, args: object): CtlError {
    if (kind === 'not-found') {
      const vhost = /^Virtual host (.*) does not exist$/s.exec(message)?.[1]
      if (vhost !== undefined) return this.#noVhost(vhost, message)
      const user = /^User "(.*)" does not exist$/s.exec(message)?.[1]
      if (user !== undefined) return this.#noUser(user, message)
    }
    if (kind === 'already-exists' && 'password' in args)
      return new CtlError(ctlExit.software, `Error:\n${message}`)
    return new CtlError(ctlExit.unavailable, `Error:\n${message}`)
  }

  #noVhost(name: string, message: string): CtlError {
    return this.#command.missing?.vhost === 'bare'
      ? new CtlError(ctlExit.unavailable, `Error:\n${message}`)
      : new CtlError(ctlExit.data, `Virtual host '${name}' does not exist`)
  }

  #noUser(name: string, message: string): CtlError {
    switch (this.#command.missing?.user) {
      case 'term':
        return new CtlError(ctlExit.unavailable, `Error:\n{:no_such_user, ${JSON.stringify(name)}}`)
      case 'bare':
        return new CtlError(ctlExit.noUser, `Error:\nUser ${name} does not exist`)
      default:
        return new CtlError(ctlExit.noUser, `Error:\n${message}`)
    }
  }

  #unreachable({ message }: CommandError): CtlError {
    return new CtlError(
      ctlExit.unavailable,
      `Error: unable to perform an operation on node 'sabir@localhost': ${message}`,
    )
  }
}
