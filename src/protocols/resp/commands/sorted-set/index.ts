import type { Command } from '../../command.ts'
import { addCommands } from './add.ts'
import { algebraCommands } from './algebra.ts'
import { popCommands } from './pop.ts'
import { rangeCommands } from './range.ts'
import { readCommands } from './read.ts'
import { removeCommands } from './remove.ts'

export const sortedSetCommands: readonly Command[] = [
  ...addCommands,
  ...readCommands,
  ...rangeCommands,
  ...removeCommands,
  ...popCommands,
  ...algebraCommands,
]
