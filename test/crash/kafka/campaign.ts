import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { allWork, type Campaign, killAndStart, type Outcome } from '../rounds.ts'
import { Victim } from '../victim.ts'
import { Group, SESSION_MS } from './group.ts'
import { Ledger } from './ledger.ts'
import { type Load, once, other, stubborn, TOPIC } from './load.ts'
import { readAll } from './reader.ts'

/** Every so many rounds everything is read again from the first record on. */
const FULL_READ_EVERY = 40
/**
 * Every so many rounds the group gets the time to get on. A member whose join was cut off is waited
 * for until its session ends, and every start of the broker begins that session anew.
 */
const GROUP_EVERY = 5

/**
 * Real clients write to four partitions while the broker is killed again and again. What is there
 * is compared with what was acknowledged.
 */
export async function kafkaCampaign(campaign: Campaign): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-crash-'))
  const victim = await Victim.inFolder(folder)
  if (campaign.program !== undefined) victim.program = campaign.program
  victim.flags = ['--groups-session-min', `${SESSION_MS}ms`]
  const outcome: Outcome = { passed: 0, acknowledged: 0, readyMsMax: 0, failure: null }
  const ledgers = [0, 1, 2, 3].map(index => new Ledger(`partition ${index}`))
  let loads: Load[] = []
  let group: Group | null = null
  try {
    victim.spawn()
    await victim.ready()
    await createTopic(victim.address, ledgers.length)
    group = new Group(victim.address, ledgers.length)
    await group.start()
    loads = await Promise.all(
      [stubborn, stubborn, once, other].map((open, partition) =>
        // There is one ledger per kind of load.
        open(victim.address, partition, ledgers[partition] as Ledger),
      ),
    )
    for (let round = 0; round < campaign.rounds; round++) {
      await sleep(30 + campaign.random() * 400)
      await killAndStart(victim, campaign, outcome)
      const from = round % FULL_READ_EVERY === 0 ? () => 0 : (ledger: Ledger) => ledger.end
      await settle(victim.address, loads, ledgers, from)
      await group.verify()
      if (round % FULL_READ_EVERY === FULL_READ_EVERY - 1) await allWork(loads)
      if (round % GROUP_EVERY === GROUP_EVERY - 1) await allWork([group])
      outcome.passed++
      if (round % 20 === 19) {
        const { commits, joins } = group
        const done = `${sum(loads)} acknowledged, ${commits} commits, ${joins} joins`
        console.log(`  ${round + 1} rounds, ${done}`)
      }
    }
    await Promise.all(loads.map(load => load.stop()))
    await settle(victim.address, loads, ledgers, () => 0)
    await group.stop()
    checkLog(victim.log)
  } catch (error) {
    outcome.failure = error
    // A client in the middle of a request may wait for ever, so nobody waits for it.
    for (const load of loads) void load.stop()
    void group?.stop().catch(() => {})
    console.log(`  the broker's last words: ${victim.log.slice(-1000)}`)
  }
  outcome.acknowledged = sum(loads)
  await victim.kill().catch(() => {})
  if (outcome.failure === null) rmSync(folder, { recursive: true, force: true })
  else console.log(`  the files are kept in ${folder}`)
  return outcome
}

/** These clients do nothing that a broker ends a connection for, or that may fail unexpectedly. */
function checkLog(log: string): void {
  const wrong = log
    .split('\n')
    .filter(line => /closing a connection|failed unexpectedly/.test(line))
  if (wrong.length > 0) throw new Error(`the broker hung up: ${wrong.slice(0, 3).join(', ')}`)
}

const sum = (loads: readonly Load[]): number =>
  loads.reduce((total, { acknowledged }) => total + acknowledged, 0)

/** Compares while the clients go on: what they were told until now must be found. */
async function settle(
  address: string,
  loads: readonly Load[],
  ledgers: readonly Ledger[],
  from: (ledger: Ledger) => number,
): Promise<void> {
  for (const { complaint, partition } of loads) {
    if (complaint !== null)
      throw new Error(`the client of ${partition} gave up`, { cause: complaint })
  }
  await readAll(address, ledgers, from)
}

async function createTopic(address: string, numPartitions: number): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [address], logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions }] })
  await admin.disconnect()
}
