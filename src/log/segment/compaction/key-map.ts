import { createHash } from 'node:crypto'

/** Longer keys are remembered by their SHA-256. */
const KEY_BYTES_MAX = 64
/** Makes a digest longer than any key that is kept as it is, so that none can pose as the other. */
const DIGEST_PREFIX = ' '.repeat(33)
/** What an entry takes beside its key, roughly. */
const ENTRY_BYTES = 80

/** The newest offset of each key. Exact: keys are compared, not only their hashes. */
export class KeyMap {
  readonly #offsets = new Map<string, number>()
  #bytes = 0

  get memoryBytes(): number {
    return this.#bytes
  }

  set(key: Buffer, offset: number): void {
    const name = nameOf(key)
    const known = this.#offsets.get(name)
    if (known === undefined) this.#bytes += ENTRY_BYTES + name.length
    if (known === undefined || offset > known) this.#offsets.set(name, offset)
  }

  get(key: Buffer): number | undefined {
    return this.#offsets.get(nameOf(key))
  }
}

function nameOf(key: Buffer): string {
  if (key.length <= KEY_BYTES_MAX) return key.toString('latin1')
  return DIGEST_PREFIX + createHash('sha256').update(key).digest().toString('latin1')
}
