import type { Command } from '../../command.ts'
import { introspectCommands } from './introspect.ts'
import { publishCommands } from './publish.ts'
import { subscribeCommands } from './subscribe.ts'

export const pubsubCommands: readonly Command[] = [
  ...subscribeCommands,
  ...publishCommands,
  ...introspectCommands,
]
