import type { Command } from '../../command.ts'
import { editCommands } from './table-edit.ts'
import { getCommands } from './table-get.ts'
import { setCommands } from './table-set.ts'

export const stringCommands: readonly Command[] = [...getCommands, ...setCommands, ...editCommands]
