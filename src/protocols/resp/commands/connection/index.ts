import type { Command } from '../../command.ts'
import { clientCommands } from './client.ts'
import { helloCommands } from './hello.ts'
import { simpleCommands } from './simple.ts'

export const connectionCommands: readonly Command[] = [
  ...simpleCommands,
  ...helloCommands,
  ...clientCommands,
]
