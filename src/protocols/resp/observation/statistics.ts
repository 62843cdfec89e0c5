/** What INFO counts since the start, or since CONFIG RESETSTAT. */
export class Statistics {
  commands = 0
  connections = 0
  rejectedConnections = 0
  inputBytes = 0
  commandsPerSecond = 0
  #commandsLast = 0
  #tickedAt = 0
  errorReplies = 0
  /** By code: `ERR`, `WRONGTYPE`. */
  readonly errors = new Map<string, number>()
  /** So many codes; a client can make up as many as it likes in a script. */
  static readonly codesMax = 128

  failed(text: string): void {
    this.errorReplies++
    const end = text.indexOf(' ')
    const code = end < 0 ? text : text.slice(0, end)
    const count = this.errors.get(code)
    if (count === undefined && this.errors.size >= Statistics.codesMax) return
    this.errors.set(code, (count ?? 0) + 1)
  }

  /** Now and then, by anybody. */
  tick(now: number): void {
    const elapsedMs = now - this.#tickedAt
    if (elapsedMs >= 0 && elapsedMs < 1000) return
    this.#tickedAt = now
    this.commandsPerSecond = Math.max(
      0,
      Math.round(((this.commands - this.#commandsLast) * 1000) / Math.max(elapsedMs, 1000)),
    )
    this.#commandsLast = this.commands
  }

  reset(): void {
    this.#commandsLast = 0
    this.commands = this.connections = this.rejectedConnections = 0
    this.inputBytes = this.errorReplies = 0
    this.errors.clear()
  }
}
