import type { Command } from '../../command.ts'
import { commandCommands } from './command/index.ts'
import { configCommands } from './config.ts'
import { debugCommands } from './debug.ts'
import { infoCommands } from './info/index.ts'
import { latencyCommands } from './latency.ts'
import { memoryCommands } from './memory.ts'
import { persistenceCommands } from './persistence.ts'
import { replicationCommands } from './replication.ts'
import { simpleServerCommands } from './simple.ts'
import { slowlogCommands } from './slowlog.ts'

export const serverCommands: readonly Command[] = [
  ...simpleServerCommands,
  ...commandCommands,
  ...configCommands,
  ...infoCommands,
  ...persistenceCommands,
  ...replicationCommands,
  ...slowlogCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...debugCommands,
]
