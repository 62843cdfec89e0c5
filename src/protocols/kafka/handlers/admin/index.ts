import type { Handler } from '../handler.ts'

export const adminHandlers: readonly Handler[] = []
