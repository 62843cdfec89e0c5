import type { Handler } from '../handler.ts'

export const dataHandlers: readonly Handler[] = []
