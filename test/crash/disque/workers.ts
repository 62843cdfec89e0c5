import { setTimeout as sleep } from 'node:timers/promises'
import { itemsOf, type Reply, show } from '../../resp/reply.ts'
import { RespSocket } from '../../resp/socket.ts'
import { type Ledger, TAKEN_MAX } from './ledger.ts'

const QUEUES = ['one', 'two', 'three']
const ADDED_TOGETHER = 10
/** Where there are more, producers wait. */
const JOBS_MAX = 600
const DRAIN_MS_MAX = 30_000

type Dice = () => number
type Worker = (address: string, isStopping: () => boolean) => Promise<void>

/** Runs until its connection is lost, or it is to stop. */
const connected =
  (work: (socket: RespSocket) => Promise<void>): Worker =>
  async (address, isStopping) => {
    const socket = await RespSocket.open(address)
    try {
      while (!socket.isClosed && !isStopping()) await work(socket)
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
    } finally {
      await socket.close()
    }
  }

class ConnectionLost extends Error {}

async function next(socket: RespSocket): Promise<Reply> {
  const reply = await socket.next()
  if (reply === undefined) throw new ConnectionLost()
  if (reply.kind === 'error') throw new Error(`it should be answered: ${reply.text}`)
  return reply
}

/** Adds jobs of all kinds, several at a time. `isHasty` believes what is said too early. */
export function producer(ledger: Ledger, dice: Dice, isHasty: boolean): Worker {
  return connected(async socket => {
    if (!isHasty && ledger.left > JOBS_MAX) return sleep(5)
    const bodies = Array.from({ length: ADDED_TOGETHER }, () => {
      const isOnce = dice() < 0.2
      const body = ledger.adding(isOnce)
      const options = ['RETRY', isOnce ? '0' : '2']
      if (dice() < 0.2) options.push('DELAY', '1')
      if (isHasty) options.push('ASYNC')
      socket.send(['ADDJOB', QUEUES[Math.floor(dice() * QUEUES.length)]!, body, '0', ...options])
      return body
    })
    for (const body of bodies) ledger.added(body, textOf(await next(socket)))
  })
}

/** Takes jobs, and is done with most of them; the rest go back, at once or after their time. */
export function consumer(ledger: Ledger, dice: Dice): Worker {
  return connected(async socket => {
    ledger.taking()
    socket.send(['GETJOB', 'TIMEOUT', '100', 'COUNT', `${TAKEN_MAX}`, 'FROM', ...QUEUES])
    const jobs = jobsOf(await next(socket))
    ledger.took(jobs)
    for (const { id } of jobs) await treat(socket, ledger, dice(), id)
  })
}

async function treat(socket: RespSocket, ledger: Ledger, die: number, id: string): Promise<void> {
  if (die < 0.1) return // It comes back by itself.
  if (die < 0.2) {
    socket.send(['NACK', id])
    await next(socket)
  } else if (die < 0.3) {
    socket.send(['WORKING', id])
    await socket.next()
  } else {
    ledger.ending(id)
    socket.send([die < 0.8 ? 'ACKJOB' : 'FASTACK', id])
    await next(socket)
    ledger.ended(id)
  }
}

/** Looks at all jobs that there are. */
export async function verify(ledger: Ledger, address: string): Promise<void> {
  const socket = await RespSocket.open(address)
  const there = new Map<string, string>()
  let cursor = '0'
  do {
    const reply = await socket.ask('JSCAN', cursor, 'COUNT', '200', 'REPLY', 'all')
    const [next, jobs] = itemsOf(reply)
    for (const job of itemsOf(jobs!)) {
      const facts = factsOf(job)
      if (!isOver(facts)) there.set(textOf(facts.get('id')!), textOf(facts.get('body')!))
    }
    cursor = textOf(next!)
  } while (cursor !== '0')
  await socket.close()
  ledger.compare(there)
}

const factsOf = (job: Reply): Map<string, Reply> => {
  const items = itemsOf(job)
  const names = items.filter((_, index) => index % 2 === 0).map(textOf)
  return new Map(names.map((name, index) => [name, items[index * 2 + 1]!]))
}

/** It was taken, and cannot be had again: all that is left is what an ACKJOB would count. */
const isOver = (facts: Map<string, Reply>): boolean =>
  show(facts.get('retry')!) === ':0' &&
  textOf(facts.get('state')!) === 'active' &&
  facts.get('next-requeue-within')!.kind === 'null'

/** Takes and acknowledges all, also what is delayed or has to come back first. */
export async function drain(ledger: Ledger, address: string): Promise<void> {
  const deadline = performance.now() + DRAIN_MS_MAX
  const work = consumer(ledger, () => 0.5)
  await work(address, () => ledger.left === 0 || performance.now() > deadline)
  if (ledger.left > 0) throw new Error(`${ledger.left} jobs are lost: nobody gets them`)
}

const jobsOf = (reply: Reply): { id: string; body: string }[] =>
  itemsOf(reply).map(job => {
    const [, id, body] = itemsOf(job)
    return { id: textOf(id!), body: textOf(body!) }
  })

function textOf(reply: Reply): string {
  if ('text' in reply && reply.kind !== 'null' && reply.kind !== 'error') return reply.text
  throw new Error(`it should be answered with a text: ${show(reply)}`)
}
