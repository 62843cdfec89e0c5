import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AmqpFullDisk } from './amqp091/full-disk.ts'
import { KafkaFullDisk } from './kafka/full-disk.ts'
import { RespFullDisk } from './resp/full-disk.ts'
import { Victim } from './victim.ts'

/**
 * Clients fill a real, small file system. What was acknowledged must be there while it is full,
 * after a kill while it is full, and once there is room again. Mounting needs root.
 *
 *   npm run test:full-disk [-- kafka|amqp091|resp]
 */
const DISK = 'size=96m'

export type Step = readonly [name: string, run: () => Promise<void>]

const suites: Readonly<Record<string, (victim: Victim) => { readonly steps: readonly Step[] }>> = {
  kafka: victim => new KafkaFullDisk(victim),
  amqp091: victim => new AmqpFullDisk(victim),
  resp: victim => new RespFullDisk(victim),
}

async function prove(open: (victim: Victim) => { readonly steps: readonly Step[] }) {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-full-'))
  const victim = await Victim.inFolder(folder) // Its log is not on the disk that gets full.
  mkdirSync(victim.folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', victim.folder])
  const { steps } = open(victim)
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
    console.log(`  the broker's last words: ${victim.log.slice(-1500)}`)
  }
  await victim.kill().catch(() => {})
  execFileSync('umount', [victim.folder])
  rmSync(folder, { recursive: true, force: true })
  return { passed, failed }
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  let passed = 0
  let failed = 0
  for (const [name, open] of Object.entries(suites)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    const counts = await prove(open)
    passed += counts.passed
    failed += counts.failed
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

await main()
