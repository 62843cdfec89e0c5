import type { Command } from '../command.ts'
import { clientCommands } from './client.ts'
import { getCommands } from './get.ts'
import { jobCommands } from './job.ts'
import { queueCommands } from './queue.ts'
import { scanCommands } from './scan.ts'
import { serverCommands } from './server.ts'

/** All commands: what is not in a table here does not exist. */
export const commands: readonly Command[] = [
  ...jobCommands,
  ...getCommands,
  ...queueCommands,
  ...scanCommands,
  ...clientCommands,
  ...serverCommands,
]
