import { limits } from '../../limits/limits.ts'
import type { AppendFsync } from './durability.ts'

/** What an operator may set for Redis clients, as docs/configuration.md explains. */
export type RespOptions = {
  readonly databases: number
  readonly appendFsync: AppendFsync
  /** The largest word of a command. */
  readonly bulkBytesMax: number
  /** What clients that give no user name have to know; null: nothing. */
  readonly requirePass: string | null
}

export const respOptionsDefault: RespOptions = {
  databases: 16,
  appendFsync: 'everysec',
  bulkBytesMax: limits.respBulkBytesDefault,
  requirePass: null,
}
