import type { Arguments } from '../../../lib/resp/index.ts'
import type { ClientState } from '../connected/client-state.ts'

/** Clients that are shown every command. */
export class Monitors {
  readonly #clients = new Set<ClientState>()

  get count(): number {
    return this.#clients.size
  }

  add(client: ClientState): void {
    client.isMonitor = true
    this.#clients.add(client)
  }

  remove(client: ClientState): void {
    client.isMonitor = false
    this.#clients.delete(client)
  }

  /** `source` is the client's address, or `lua`. */
  show(now: number, database: number, source: string, args: Arguments): void {
    const seconds = (now / 1000).toFixed(6)
    let line = `+${seconds} [${database} ${source}]`
    for (let index = 0; index < args.count; index++) line += ` ${quoted(args.binary(index))}`
    const frame = Buffer.from(`${line}\r\n`, 'latin1')
    for (const client of this.#clients) client.write(frame)
  }
}

const names: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

/** A binary string as redis-cli shows it. */
export const quoted = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  `"${text.replaceAll(/[^ !#-[\]-~]/g, char => names[char] ?? hexOf(char))}"`

const hexOf = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
