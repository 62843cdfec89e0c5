import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppendFsync } from '../../../src/protocols/resp/durability.ts'
import { type Campaign, killAndStart, type Outcome, seeded } from '../rounds.ts'
import { Victim } from '../victim.ts'
import { Clerk } from './clerk.ts'
import { Line } from './line.ts'

const CLERKS = 6

type Worker = { work(address: string, isStopping: () => boolean): Promise<void> }

/**
 * Redis clients work while the broker is killed again and again. After every start, all that they
 * know of their keys is compared with what is there. Starts are with one policy after the other:
 * with all but `no` what was answered survives the end of the process.
 */
export async function respCampaign(
  campaign: Campaign,
  policies: readonly AppendFsync[],
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-crash-resp-'))
  const victim = await Victim.inFolder(folder)
  const address = `127.0.0.1:${victim.ports.resp}`
  const outcome: Outcome = { passed: 0, acknowledged: 0, readyMsMax: 0, failure: null }
  const clerks = Array.from({ length: CLERKS }, (_, index) => {
    const seed = Math.floor(campaign.random() * 2 ** 31)
    return new Clerk(`clerk-${index}`, seeded(seed))
  })
  const line = new Line()
  const workers: Worker[] = [
    ...clerks,
    { work: (at, isStopping) => line.push(at, isStopping) },
    ...[1, 2].map(() => ({
      work: (at: string, isStopping: () => boolean) => line.take(at, isStopping),
    })),
  ]
  try {
    victim.flags = ['--resp-appendfsync', policies[0]!]
    victim.spawn()
    await victim.ready()
    for (const clerk of clerks) await clerk.setUp(address)
    for (let round = 0; round < campaign.rounds; round++) {
      victim.flags = ['--resp-appendfsync', policies[(round + 1) % policies.length]!]
      await oneRound(victim, address, workers, campaign, outcome)
      for (const clerk of clerks) await clerk.verify(address)
      await line.verify(address)
      outcome.passed++
      if (round % 20 === 19) console.log(`  ${round + 1} rounds, ${answered(clerks, line)} answers`)
    }
    const idle = clerks.filter(({ acknowledged }) => acknowledged === 0).map(({ name }) => name)
    if (idle.length > 0) throw new Error(`these did nothing: ${idle.join(', ')}`)
  } catch (error) {
    outcome.failure = error
    console.log(`  the broker's last words: ${victim.log.slice(-1000)}`)
  }
  outcome.acknowledged = answered(clerks, line)
  await victim.kill().catch(() => {})
  if (outcome.failure === null) rmSync(folder, { recursive: true, force: true })
  else console.log(`  the files are kept in ${folder}`)
  return outcome
}

const answered = (clerks: readonly Clerk[], line: Line): number =>
  clerks.reduce((sum, { acknowledged }) => sum + acknowledged, line.acknowledged)

async function oneRound(
  victim: Victim,
  address: string,
  workers: readonly Worker[],
  campaign: Campaign,
  outcome: Outcome,
): Promise<void> {
  let isStopping = false
  const failures: unknown[] = []
  const running = workers.map(worker =>
    worker
      .work(address, () => isStopping)
      .catch((error: unknown) => {
        if (!isUnreachable(error)) failures.push(error)
      }),
  )
  await sleep(50 + campaign.random() * 600)
  await killAndStart(victim, campaign, outcome, () => void (isStopping = true))
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
}

/** It was killed before there was a connection. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^ECONN/.test(String(error.code))
