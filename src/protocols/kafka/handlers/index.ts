import { adminHandlers } from './admin/index.ts'
import { dataHandlers } from './data/index.ts'
import { groupHandlers } from './group/index.ts'
import type { Handler } from './handler.ts'

/** Everything we serve. ApiVersions, COMPAT.md and dispatch are made from this list. */
export const handlers: readonly Handler[] = [...dataHandlers, ...groupHandlers, ...adminHandlers]

const byKey = new Map(handlers.map(handler => [handler.api.key, handler]))

export function handlerOf(apiKey: number): Handler | undefined {
  return byKey.get(apiKey)
}
