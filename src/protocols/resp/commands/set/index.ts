import type { Command } from '../../command.ts'
import { algebraCommands } from './algebra.ts'
import { memberCommands } from './members.ts'
import { randomCommands } from './random.ts'
import { scanCommands } from './scan.ts'

export const setCommands: readonly Command[] = [
  ...memberCommands,
  ...randomCommands,
  ...algebraCommands,
  ...scanCommands,
]
