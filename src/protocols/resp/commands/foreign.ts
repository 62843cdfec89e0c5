import { nameOfKey } from '../../../broker/keyspace/index.ts'
import type { Call } from '../command.ts'

/**
 * The name under which a list or stream is at a key, if one is: nothing else is there, and nothing
 * of that kind expires. Undefined: one has to ask what is there.
 */
export function foreignName({ db }: Call, key: string): string | undefined {
  if (db.keys.foreignExpiry.size > 0 || db.kindOf(key) !== undefined) return undefined
  return nameOfKey(key)
}
