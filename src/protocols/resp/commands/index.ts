import type { Command } from '../command.ts'
import { aclCommands } from './acl/index.ts'
import { connectionCommands } from './connection/index.ts'
import { geoCommands } from './geo/index.ts'
import { listCommands } from './list/index.ts'
import { pubsubCommands } from './pubsub/index.ts'
import { setCommands } from './set/index.ts'
import { sortedSetCommands } from './sorted-set/index.ts'
import { transactionCommands } from './transactions/index.ts'
import { genericCommands } from './generic/index.ts'
import { stringCommands } from './string/index.ts'
import { streamCommands } from './stream/index.ts'
import { hashCommands } from './hash/index.ts'
import { bitmapCommands } from './bitmap/index.ts'
import { clusterCommands } from './cluster/index.ts'
import { scriptingCommands } from './scripting/index.ts'
import { serverCommands } from './server/index.ts'
import { hyperloglogCommands } from './hyperloglog/index.ts'

/** All commands: what is not in a table here does not exist. */
export const commands: readonly Command[] = [
  ...aclCommands,
  ...connectionCommands,
  ...geoCommands,
  ...listCommands,
  ...pubsubCommands,
  ...setCommands,
  ...sortedSetCommands,
  ...transactionCommands,
  ...genericCommands,
  ...stringCommands,
  ...streamCommands,
  ...hashCommands,
  ...bitmapCommands,
  ...clusterCommands,
  ...scriptingCommands,
  ...serverCommands,
  ...hyperloglogCommands,
]
