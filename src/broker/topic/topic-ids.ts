import type { Random } from '../../platform/platform.ts'
import type { Uuid } from './topic.ts'

/** What Kafka writes for "no id". */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'
/** Kafka's metadata topic has the id one. */
const ONE_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ'

/** A random (version 4) id. None begins with a dash, which command lines take for an option. */
export function randomUuid(random: Random, isTaken: (id: Uuid) => boolean): Uuid {
  for (;;) {
    const bytes = Buffer.from(random.bytes(16))
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const id = bytes.toString('base64url')
    if (id !== ZERO_UUID && id !== ONE_UUID && !id.startsWith('-') && !isTaken(id)) return id
  }
}
