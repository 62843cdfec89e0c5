import { resolve } from 'node:path'
import type { Command } from 'commander'
import { prepareZstd, readRecords } from '../log/batch/index.ts'
import { checkFolder, dumpFolder, type DumpEvent, type Finding } from '../log/inspect.ts'
import { nodePlatform } from '../platform/index.ts'
import { CommandError, messageOf } from './error.ts'
import { wholeNumber } from './options.ts'
import { Output } from './output.ts'
import { openProgress } from './progress.ts'

type Flags = { readonly data: string; readonly json?: true }
type DumpFlags = Flags & { readonly records?: true; readonly log?: number }

export function define(program: Command): void {
  const log = program.command('log').description('look into the files of the data folder')
  const folder = process.env['SABIR_DATA'] ?? './sabir-data'
  log
    .command('check')
    .description('read every byte and verify it; changes nothing, the broker may run meanwhile')
    .option('--data <folder>', 'the data folder (SABIR_DATA)', folder)
    .option('--json', 'write JSON, for programs')
    .action(check)
  log
    .command('dump')
    .description('show what lies in the files, in the order it was written')
    .option('--data <folder>', 'the data folder (SABIR_DATA)', folder)
    .option('--json', 'write JSON, one object a line, for programs')
    .option('--records', 'show the records of the batches, too')
    .option('--log <id>', 'only batches and segments of this log', wholeNumber)
    .action(dump)
}

/** Damage is told and ends with 1; what only a crash leaves behind is noted. */
async function check(flags: Flags): Promise<void> {
  const output = new Output(flags.json === true)
  const folder = resolve(flags.data)
  const findings: Finding[] = []
  const seen = { files: 0, slots: 0, batches: 0, bytes: 0 }
  const progress = await openProgress('checked bytes', 0)
  try {
    for await (const event of checkFolder({ disk: nodePlatform.disk, folder })) {
      if (event.kind !== 'file') {
        findings.push(event)
        continue
      }
      seen.files++
      seen.slots += event.slotCount
      seen.batches += event.batchCount
      seen.bytes += event.sizeBytes
      progress.update(seen.bytes)
    }
  } catch (error) {
    throw new CommandError('failed', `cannot check ${folder}: ${messageOf(error)}`)
  } finally {
    progress.stop()
  }
  if (seen.files === 0 && findings.length === 0) throw noLog(folder)
  const damaged = findings.filter(({ kind }) => kind === 'damage').length
  if (output.isJson) await output.json({ folder, ...seen, damaged, findings })
  else {
    for (const { kind, path, position, problem, remedy } of findings)
      await output.write(`${kind}: ${path} at byte ${position}: ${problem}. ${remedy}\n`)
    const { files, slots, batches, bytes } = seen
    const found = damaged === 0 ? 'no damage' : `${damaged} damaged`
    await output.write(
      `${folder}: ${found}; files ${files}, slots ${slots}, batches ${batches}, bytes ${bytes}\n`,
    )
  }
  if (damaged > 0) throw new CommandError('failed', `${folder} is damaged in ${damaged} places`)
}

async function dump(flags: DumpFlags): Promise<void> {
  const output = new Output(flags.json === true)
  const folder = resolve(flags.data)
  if (flags.records === true) await prepareZstd()
  let isEmpty = true
  const inspected = { disk: nodePlatform.disk, folder, hasBodies: flags.records === true }
  for await (const event of dumpFolder(inspected)) {
    isEmpty = false
    const ofLog = 'log' in event ? event.log : undefined
    if (flags.log !== undefined && ofLog !== flags.log) continue
    if (output.isJson) await output.write(`${JSON.stringify(event, plain)}\n`)
    else await output.write(`${line(event)}\n`)
    if (event.kind === 'batch' && event.bytes !== null && !output.isJson)
      await output.write(recordLines(event.bytes))
  }
  if (isEmpty) throw noLog(folder)
}

const noLog = (folder: string): CommandError =>
  new CommandError('notFound', `there is no log in ${folder}; name its folder with --data`)

function line(event: DumpEvent): string {
  switch (event.kind) {
    case 'checkpoint': {
      const { path, checkpoint } = event
      const what = checkpoint === null ? 'damaged' : `below slot ${checkpoint.slot}`
      return `checkpoint  ${what}  ${path}`
    }
    case 'segment':
      return (
        `segment  log ${event.log}  offsets ${event.baseOffset}..${event.endOffset - 1}  ` +
        `batches ${event.batchCount}  bytes ${event.sizeBytes}  ${event.path}`
      )
    case 'slot':
      return (
        `slot ${event.slot}  ${new Date(event.createdAt).toISOString()}  bytes ${event.bytes}  ` +
        `${event.path} at ${event.position}${event.isLast ? '  closed cleanly' : ''}`
      )
    case 'batch':
      return (
        `  batch  log ${event.log}  offsets ${event.baseOffset}..${event.lastOffset}  ` +
        `records ${event.count}  bytes ${event.sizeBytes}`
      )
    case 'event':
      return `  event  ${event.machine}  bytes ${event.bytes.length}`
  }
}

function recordLines(batch: Buffer): string {
  try {
    const shown = readRecords(batch).map(
      ({ offset, key, value }) => `    ${offset}  ${show(key)}  ${show(value)}\n`,
    )
    return shown.join('')
  } catch (error) {
    return `    cannot be read: ${messageOf(error)}\n`
  }
}

const show = (bytes: Buffer | null): string =>
  bytes === null ? '-' : JSON.stringify(bytes.toString('utf8'))

/** Bytes as base64, big integers and maps as JSON can say them. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value)
  if (typeof value === 'bigint') return String(value)
  // A buffer arrives here as what its own toJSON made of it.
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer')
    return Buffer.from((value as unknown as { data: number[] }).data).toString('base64')
  return value
}
