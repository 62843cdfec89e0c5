import { Broker } from '../../src/broker/broker.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'
import { silentLogger as logger } from '../../src/lib/logger.ts'
import { type FileStoreOptions, openFileStore } from '../../src/log/index.ts'
import type { Platform } from '../../src/platform/index.ts'
import { smallPace } from './small-pace.ts'

const FOLDER = '/data'

/**
 * A broker on a simulated disk, where little is much: files are short, and rewritten often, and
 * keys change while a checkpoint is written.
 */
export async function openBroker(
  platform: Platform,
  changes: Partial<FileStoreOptions> = {},
): Promise<Broker> {
  const { clock, timers, random } = platform
  const settings = { ...brokerSettingsDefault, dataFolder: FOLDER }
  const runtime = new Runtime({ settings, clock, timers, random, logger })
  const bytes = { chainFileBytes: 64 * 1024, tailBytesMax: 32 * 1024 }
  const pace = { segmentPeriodMs: 40, flushIntervalMs: 20, sparesKeptMs: 20, foldPace: smallPace }
  const broker = await Broker.open(runtime, machines =>
    openFileStore({ platform, folder: FOLDER, logger, machines, ...bytes, ...pace, ...changes }),
  )
  broker.keyspace.snapshotPace = { pieceBytes: 64, pieceKeys: 1 }
  return broker
}
