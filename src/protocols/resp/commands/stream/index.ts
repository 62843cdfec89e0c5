import type { Command } from '../../command.ts'
import { ackCommands } from './ack.ts'
import { addCommands } from './add.ts'
import { claimCommands } from './claim.ts'
import { configureCommands } from './configure.ts'
import { groupCommands } from './group.ts'
import { infoCommands } from './info.ts'
import { pendingCommands } from './pending.ts'
import { rangeCommands } from './range.ts'
import { readGroupCommands } from './read-group.ts'
import { readCommands } from './read.ts'
import { removeCommands } from './remove.ts'

export const streamCommands: readonly Command[] = [
  ...addCommands,
  ...removeCommands,
  ...rangeCommands,
  ...readCommands,
  ...readGroupCommands,
  ...ackCommands,
  ...pendingCommands,
  ...claimCommands,
  ...groupCommands,
  ...infoCommands,
  ...configureCommands,
]
