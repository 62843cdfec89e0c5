import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { Ledger } from './kafka/ledger.ts'
import { type Load, once, stubborn, TOPIC } from './kafka/load.ts'
import { readAll } from './kafka/reader.ts'
import { Victim } from './victim.ts'

/**
 * Real clients fill a real, small file system. What was acknowledged must be there while it is
 * full, after a kill while it is full, and once there is room again. Mounting needs root.
 *
 *   npm run test:full-disk
 */
const DISK = 'size=96m'
const MiB = 1024 * 1024
const BALLAST = 'ballast'
const WAIT_MS_MAX = 60_000

const folder = mkdtempSync(join(tmpdir(), 'sabir-full-'))
const victim = await Victim.inFolder(folder) // Its log is not on the disk that gets full.
const disk = victim.folder
const ledgers = [new Ledger('partition 0'), new Ledger('partition 1')]
let loads: Load[] = []

const kafka = (): kafkajs.Kafka =>
  new kafkajs.Kafka({ brokers: [victim.address], logLevel: kafkajs.logLevel.NOTHING })
const acknowledged = (): number => loads.reduce((sum, load) => sum + load.acknowledged, 0)
const countOf = (text: string): number => victim.log.split(text).length - 1
const compare = () => readAll(victim.address, ledgers, () => 0)
const filler = (): string => join(disk, 'filler')

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`it takes too long until ${what}`)
    await sleep(50)
  }
}

async function untilFull(): Promise<void> {
  const before = countOf('writes are refused')
  await until('writes are refused', () => countOf('writes are refused') > before)
}

async function untilGoingOn(): Promise<void> {
  const before = acknowledged()
  await until('something is acknowledged again', () => acknowledged() > before)
}

async function begin(): Promise<void> {
  writeFileSync(filler(), Buffer.alloc(20 * MiB))
  victim.spawn()
  await victim.ready()
  const admin = kafka().admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2 }, { topic: BALLAST }] })
  await admin.disconnect()
  const producer = kafka().producer()
  await producer.connect()
  const messages = Array.from({ length: 400 }, () => ({ value: 'x'.repeat(1000) }))
  for (let count = 0; count < 50; count++) await producer.send({ topic: BALLAST, messages })
  await producer.disconnect()
  loads = await Promise.all([
    stubborn(victim.address, 0, ledgers[0]!),
    once(victim.address, 1, ledgers[1]!),
  ])
}

async function deleteBallast(): Promise<void> {
  const admin = kafka().admin()
  await admin.connect()
  // Just after a write failed nothing is accepted, until what had been is safe elsewhere.
  let isDeleted = false
  for (let attempt = 0; !isDeleted; attempt++) {
    isDeleted = await admin.deleteTopics({ topics: [BALLAST] }).then(
      () => true,
      async (error: unknown) => {
        if (attempt > 20) throw error
        await sleep(250)
        return false
      },
    )
  }
  await admin.disconnect()
}

const steps: [name: string, run: () => Promise<void>][] = [
  ['clients write until the disk is full', () => begin().then(untilFull)],
  ['all that was acknowledged is read from a full disk', compare],
  [
    'killed and started on the full disk, it has lost nothing',
    async () => {
      await victim.kill()
      victim.spawn()
      await victim.ready()
      await compare()
    },
  ],
  [
    'it goes on by itself once a file of somebody else is gone',
    async () => {
      rmSync(filler())
      await untilGoingOn()
      await compare()
    },
  ],
  [
    'full again, it goes on once a topic is deleted over the wire',
    async () => {
      await untilFull()
      await deleteBallast()
      await untilGoingOn()
      await compare()
    },
  ],
  [
    'no client gave up, and the log has lines, not a flood',
    async () => {
      const complaint = loads.find(load => load.complaint !== null)?.complaint
      if (complaint !== undefined) throw new Error('a client gave up', { cause: complaint })
      const lines = countOf('\n')
      if (lines > 200) throw new Error(`the log has ${lines} lines`)
    },
  ],
]

async function main(): Promise<void> {
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', disk])
  let passed = 0
  let failed = 0
  try {
    for (const [name, run] of steps) {
      await run()
      passed++
      console.log(`ok      ${name}`)
    }
  } catch (error) {
    failed = 1
    console.log(`FAILED  ${steps[passed]?.[0]}`, error)
  }
  await victim.kill().catch(() => {})
  execFileSync('umount', [disk])
  rmSync(folder, { recursive: true, force: true })
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed)
}

await main()
