import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { allWork, type Campaign, type Outcome, killAndStart, type Worker } from '../rounds.ts'
import { Victim } from '../victim.ts'
import { Consumer } from './consumer.ts'
import { Declarer } from './declarer.ts'
import { complain, drain, withClient } from './drain.ts'
import { Publisher } from './publisher.ts'
import { keepRunning, type Program, Scene } from './scene.ts'
import { consumed, declareAll } from './topology.ts'
import { Transactor } from './transactor.ts'

/** Every so many rounds all queues are emptied, and nothing may be missing. */
const DRAIN_EVERY = 20

/**
 * Publishers, consumers and transactions work while the broker is killed again and again. What
 * they were told is compared with what they are given.
 */
export async function amqpCampaign(campaign: Campaign): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-crash-amqp-'))
  const victim = await Victim.inFolder(folder)
  const scene = new Scene(victim.ports.amqp091, campaign.random)
  const outcome: Outcome = { passed: 0, acknowledged: 0, readyMsMax: 0, failure: null }
  const programs = programsOf(scene)
  let running: Promise<unknown>[] = []
  try {
    victim.spawn()
    await victim.ready()
    await withClient(scene, declareAll)
    scene.isUp = true
    running = programs.map(program => keepRunning(scene, program))
    for (let round = 0; round < campaign.rounds; round++) {
      await oneRound(victim, scene, campaign, outcome)
      const isDrain = round % (campaign.drainEvery ?? DRAIN_EVERY) === 0
      if (isDrain || round === campaign.rounds - 1) {
        await raceFailures(running, drain(scene))
        if (campaign.drainEvery === undefined && round > 0)
          await raceFailures(running, allWork(programs.map(workerOf)))
      }
      complain(scene)
      outcome.passed++
      if (round % 20 === 19)
        console.log(`  ${round + 1} rounds, ${scene.ledger.observed} deliveries`)
    }
  } catch (error) {
    outcome.failure = error
    console.log(`  the broker's last words: ${victim.log.slice(-1000)}`)
  }
  scene.isStopping = true
  await Promise.race([Promise.all(running), sleep(2000)])
  outcome.acknowledged = scene.ledger.confirmed
  await victim.kill().catch(() => {})
  if (outcome.failure === null) rmSync(folder, { recursive: true, force: true })
  else console.log(`  the files are kept in ${folder}`)
  return outcome
}

function programsOf(scene: Scene): Program[] {
  return [
    ...[1, 2, 3].map(index => new Publisher(`publisher-${index}`, scene)),
    ...consumed.map(queue => new Consumer(`consumer of ${queue}`, queue, scene)),
    new Consumer('another consumer of plain', 'plain', scene),
    new Transactor('transactor-1', 'tx-1', scene),
    new Transactor('transactor-2', 'tx-2', scene),
    new Declarer(scene),
  ]
}

async function oneRound(
  victim: Victim,
  scene: Scene,
  campaign: Campaign,
  outcome: Outcome,
): Promise<void> {
  await sleep(50 + campaign.random() * 600)
  scene.isUp = false
  await killAndStart(victim, campaign, outcome, () => scene.ledger.crashed())
  scene.isUp = true
}

const workerOf = (program: Program): Worker => ({
  name: program.name,
  hasWorked: () => program.takeWork() > 0,
})

/** A client that gave up ends the campaign. */
async function raceFailures(running: readonly Promise<unknown>[], work: Promise<void>) {
  const failed = Promise.race(running).then(error => {
    throw error instanceof Error ? error : new Error('a client gave up', { cause: error })
  })
  await Promise.race([failed, work])
}
