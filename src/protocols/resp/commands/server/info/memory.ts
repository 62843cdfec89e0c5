import type { Services } from '../../../services.ts'
import type { InfoFields } from './sections.ts'

/** Of the whole process: what Redis clients keep is a part of it. */
export function memoryFields({ broker, run }: Services): InfoFields {
  const { alarms, keyspace } = broker
  const resident = alarms.memoryUsedBytes ?? 0
  const used = process.memoryUsage.rss()
  run.usedBytesPeak = Math.max(run.usedBytesPeak, used)
  const total = alarms.memoryTotalBytes ?? 0
  const dataset = keyspace.usedBytes
  return [
    ['used_memory', used],
    ['used_memory_human', humanBytes(used)],
    ['used_memory_rss', Math.max(resident, used)],
    ['used_memory_rss_human', humanBytes(Math.max(resident, used))],
    ['used_memory_peak', run.usedBytesPeak],
    ['used_memory_peak_human', humanBytes(run.usedBytesPeak)],
    ['used_memory_peak_perc', `${((used / run.usedBytesPeak) * 100).toFixed(2)}%`],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', `${((dataset / used) * 100).toFixed(2)}%`],
    ['total_system_memory', total],
    ['total_system_memory_human', humanBytes(total)],
    ['used_memory_lua', 0],
    ['maxmemory', keyspace.bytesMax],
    ['maxmemory_human', humanBytes(keyspace.bytesMax)],
    ['maxmemory_policy', 'noeviction'],
    ['mem_fragmentation_ratio', '1.00'],
    ['mem_allocator', 'v8'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
  ]
}

/** As Redis shows it: `1.27M`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  let shown = bytes / 1024
  for (const unit of ['K', 'M', 'G', 'T']) {
    if (shown < 1024) return `${shown.toFixed(2)}${unit}`
    shown /= 1024
  }
  return `${shown.toFixed(2)}P`
}
