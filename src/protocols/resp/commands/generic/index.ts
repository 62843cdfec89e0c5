import type { Command } from '../../command.ts'
import { expireCommands } from './table-expire.ts'
import { keyCommands } from './table-keys.ts'
import { moveCommands, otherCommands } from './table-other.ts'

export const genericCommands: readonly Command[] = [
  ...keyCommands,
  ...moveCommands,
  ...expireCommands,
  ...otherCommands,
]
