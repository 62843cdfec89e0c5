import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { allWork, type Campaign, killAndStart, type Outcome, seeded } from '../rounds.ts'
import { Victim } from '../victim.ts'
import { Ledger } from './ledger.ts'
import { consumer, drain, producer, verify } from './workers.ts'

const PRODUCERS = 3
const CONSUMERS = 4

/**
 * Disque's clients work while the broker is killed again and again. Every job whose ADDJOB was
 * answered is there until its ACKJOB is; none after that; and none with RETRY 0 is had twice.
 */
export async function disqueCampaign(campaign: Campaign, isHasty = false): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-crash-disque-'))
  const victim = await Victim.inFolder(folder)
  const address = `127.0.0.1:${victim.ports.disque}`
  const outcome: Outcome = { passed: 0, acknowledged: 0, readyMsMax: 0, failure: null }
  const ledger = new Ledger()
  const dice = (): (() => number) => seeded(Math.floor(campaign.random() * 2 ** 31))
  const workers = [
    ...Array.from({ length: PRODUCERS }, () => producer(ledger, dice(), isHasty)),
    // Their acknowledgements would take along, at once, what hasty ones do not wait for.
    ...Array.from({ length: isHasty ? 0 : CONSUMERS }, () => consumer(ledger, dice())),
  ]
  try {
    victim.spawn()
    await victim.ready()
    for (let round = 0; round < campaign.rounds; round++) {
      const before = ledger.acknowledged
      let isStopping = false
      const failures: unknown[] = []
      const running = workers.map(work =>
        work(address, () => isStopping).catch((error: unknown) => failures.push(error)),
      )
      await sleep(50 + campaign.random() * 600)
      await allWork([{ name: 'clients', hasWorked: () => ledger.acknowledged > before }])
      await killAndStart(victim, campaign, outcome, () => void (isStopping = true))
      await Promise.all(running)
      if (failures.length > 0) throw failures[0]
      await verify(ledger, address)
      outcome.passed++
      if (round % 20 === 19) console.log(`  ${round + 1} rounds, ${ledger.acknowledged} answers`)
    }
    await drain(ledger, address)
  } catch (error) {
    outcome.failure = error
    console.log(`  the broker's last words: ${victim.log.slice(-1000)}`)
  }
  outcome.acknowledged = ledger.acknowledged
  await victim.kill().catch(() => {})
  if (outcome.failure === null) rmSync(folder, { recursive: true, force: true })
  else console.log(`  the files are kept in ${folder}`)
  return outcome
}
