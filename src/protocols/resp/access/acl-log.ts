import type { CommandContext } from '../services.ts'

/** Similar ones within so long are one entry that is counted. */
const GROUPED_MS = 60_000
/** How many of the newest are looked at for that. */
const LOOKED_AT = 10

/** What was refused. */
export type AclLogEntry = {
  readonly id: number
  readonly reason: 'command' | 'key' | 'channel' | 'auth'
  readonly context: CommandContext
  /** The command, key or channel. */
  readonly object: string
  readonly username: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  updatedAt: number
  count: number
  /** As CLIENT LIST shows the last one. */
  client: string
}

/** What ACL LOG shows: the newest refusals first. */
export class AclLog {
  /** `acllog-max-len`. */
  lengthMax = 128
  #entries: AclLogEntry[] = []
  #idNext = 0
  /** Of each reason, since the start: INFO says it. */
  readonly counts = { command: 0, key: 0, channel: 0, auth: 0 }

  get entries(): readonly AclLogEntry[] {
    return this.#entries
  }

  add(
    refused: Pick<AclLogEntry, 'reason' | 'context' | 'object' | 'username'>,
    client: string,
    now: number,
  ): void {
    this.counts[refused.reason]++
    const known = this.#entries
      .slice(0, LOOKED_AT)
      .find(
        each =>
          each.reason === refused.reason &&
          each.context === refused.context &&
          each.object === refused.object &&
          each.username === refused.username &&
          Math.abs(each.updatedAt - now) <= GROUPED_MS,
      )
    if (known === undefined) {
      if (this.lengthMax === 0) return
      const id = this.#idNext++
      const made = { id, ...refused, createdAt: now, updatedAt: now, count: 1, client }
      this.#entries.unshift(made)
    } else {
      known.count++
      known.updatedAt = now
      known.client = client
      this.#entries = [known, ...this.#entries.filter(each => each !== known)]
    }
    if (this.#entries.length > this.lengthMax) this.#entries.length = this.lengthMax
  }

  clear(): void {
    this.#entries = []
  }
}
