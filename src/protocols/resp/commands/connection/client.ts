import type { Command } from '../../command.ts'

export const clientCommands: readonly Command[] = []
