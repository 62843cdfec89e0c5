import type { Command } from '../../command.ts'
import { editCommands } from './edit.ts'
import { moveCommands } from './move.ts'
import { popCommands } from './pop.ts'
import { pushCommands } from './push.ts'
import { readCommands } from './read.ts'

export const listCommands: readonly Command[] = [
  ...pushCommands,
  ...popCommands,
  ...moveCommands,
  ...readCommands,
  ...editCommands,
]
