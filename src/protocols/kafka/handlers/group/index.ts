import type { Handler } from '../handler.ts'

export const groupHandlers: readonly Handler[] = []
