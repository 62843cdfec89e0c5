import type { Command } from '../../command.ts'
import { fieldExpiryCommands } from './table-expire.ts'
import { readCommands } from './table-read.ts'
import { writeCommands } from './table-write.ts'

export const hashCommands: readonly Command[] = [
  ...readCommands,
  ...writeCommands,
  ...fieldExpiryCommands,
]
