/** What CONFIG GET knows. Those that can be set do something; all are texts. */
export class Settings {
  readonly #values = new Map<string, string>([
    ['appendfsync', 'always'],
    ['appendonly', 'yes'],
    ['maxclients', '20000'],
    ['maxmemory', '0'],
    ['maxmemory-policy', 'acks'],
    ['port', '7711'],
    ['slowlog-log-slower-than', '-1'],
    ['slowlog-max-len', '0'],
    ['timeout', '0'],
  ])
  readonly settable: ReadonlySet<string> = new Set(['timeout'])

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  set(name: string, value: string): void {
    this.#values.set(name, value)
  }

  all(): Iterable<readonly [string, string]> {
    return this.#values
  }

  /** Seconds without a command after which a client is sent away; 0: never. */
  get timeout(): number {
    return Number(this.get('timeout'))
  }
}
