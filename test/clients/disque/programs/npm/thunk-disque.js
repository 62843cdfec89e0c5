// What users do with thunk-disque. Each note is a line of JSON.
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import disque from 'thunk-disque'

const [host, port] = process.argv[2].split(':')
const open = (options = {}) =>
  disque.createClient(Number(port), host, { usePromise: true, ...options })
const note = (label, value) => console.log(JSON.stringify({ label, value }))
const told = async (label, promise) => {
  try {
    note(label, await promise)
  } catch (error) {
    note(label, `refused: ${error.message}`)
  }
}
const bodies = jobs => jobs && jobs.map(([queue, , body]) => [queue, String(body)])

const client = open()
const other = open()
await client.debug('flushall')

const [format, , ...nodes] = await client.hello()
note('hello', [format, nodes.length])
note('version', (await client.info()).disque_version)
note('ping', await client.ping())

const id = await client.addjob('a', 'Hello', 0, 'TTL', 3600, 'RETRY', 60)
note('id', id)
const shown = await client.show(id)
const moments = ['ctime', 'next-requeue-within', 'next-awake-within']
note('lives on', shown.ttl >= 3590 && shown.ttl <= 3600)
for (const name of ['ttl', ...moments]) delete shown[name]
note('shown', shown)
note('length', await client.qlen('a'))
note('peeked', await client.qpeek('a', 1))
note('got', await client.getjob('WITHCOUNTERS', 'FROM', 'a'))
const active = await client.show(id)
note('active', [active.state, ...moments.map(name => typeof active[name])])
note('working', await client.working(id))
note('nack', await client.nack(id))
note('got again', await client.getjob('WITHCOUNTERS', 'FROM', 'a'))
note('enqueued', await client.enqueue(id))
note('and again', await client.getjob('WITHCOUNTERS', 'FROM', 'a'))
note('acknowledged', await client.ackjob(id))
note('not twice', await client.ackjob(id))
note('gone', await client.show(id))
note('nothing', await client.getjob('NOHANG', 'FROM', 'a', 'b'))
note('timed out', await client.getjob('TIMEOUT', 20, 'FROM', 'a', 'b'))

for (const [queue, body] of ['p1', 'q1', 'p2', 'q2', 'q3'].map(body => [body[0], body]))
  await client.addjob(queue, body, 0)
note('queues', (await client.qscan('MINLEN', 1))[1].sort())
note('jobs', (await client.jscan('QUEUE', 'q'))[1].length)
note('jobs in a state', (await client.jscan('BUSYLOOP', 'STATE', 'queued'))[1].length)
const newest = await client.qpeek('q', -2)
note('newest', bodies(newest))
const several = await client.getjob('COUNT', 10, 'FROM', 'p', 'q')
note('several', bodies(several))
note('all done', await client.fastack(several.map(([, id]) => id)))
const stat = await client.qstat('q')
note('stat', [stat.name, stat.len, stat['jobs-in'], stat['jobs-out'], stat.pause, stat.blocked])

const waiting = other.getjob('TIMEOUT', 10_000, 'FROM', 'x', 'y')
await sleep(100)
await client.addjob('y', 'woken', 0)
note('woken', bodies(await waiting))

const taken = await client.addjob('d', 'dequeued', 0)
note('dequeued', [await client.dequeue(taken), await client.qlen('d')])
note('deleted', [await client.deljob(taken), await client.show(taken)])

await told('maximum', (await client.addjob('m', '1', 0), client.addjob('m', '2', 0, 'MAXLEN', 1)))
note('paused', await client.pause('m', 'all'))
await told('refused', client.addjob('m', '3', 0))
note('nothing out', await client.getjob('NOHANG', 'FROM', 'm'))
note('state', await client.pause('m', 'state'))
note('goes on', await client.pause('m', 'none'))
note('out', bodies(await client.getjob('NOHANG', 'FROM', 'm')))

const began = Date.now()
await client.addjob('later', 'delayed', 0, 'DELAY', 1)
note('not yet', await client.getjob('NOHANG', 'FROM', 'later'))
note('later', bodies(await client.getjob('TIMEOUT', 10_000, 'FROM', 'later')))
note('after its delay', Date.now() - began >= 900)
await client.addjob('again', 'retried', 0, 'RETRY', 1)
await client.getjob('FROM', 'again')
const [retried] = await client.getjob('WITHCOUNTERS', 'TIMEOUT', 10_000, 'FROM', 'again')
note('retried', retried)
await client.addjob('once', 'once', 0, 'RETRY', 0, 'TTL', 2)
note('once', await client.getjob('FROM', 'once'))
await client.addjob('short', 'short', 0, 'TTL', 1)
await sleep(2500)
note('expired', [await client.qlen('short'), await client.getjob('NOHANG', 'FROM', 'short')])

await told('a bad id', client.ackjob('nonsense'))
await told('a bad option', client.addjob('a', 'b', 0, 'NEVER', 1))
await told('a bad delay', client.addjob('a', 'b', 0, 'DELAY', 100, 'TTL', 10))
await told('a bad count', client.getjob('COUNT', 0, 'FROM', 'a'))

const binary = open({ returnBuffers: true })
const bytes = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => (index * 7) & 255))
await binary.addjob('large', bytes, 0)
const [[, , large]] = await binary.getjob('FROM', 'large')
note('large', [large.length, createHash('sha1').update(large).digest('base64')])

const ids = await Promise.all(Array.from({ length: 2000 }, (_, n) => client.addjob('many', n, 0)))
note('many', [new Set(ids).size, await client.qlen('many')])
const all = await client.getjob('COUNT', 3000, 'FROM', 'many')
note(
  'in order',
  all.every(([, , body], index) => body === String(index)),
)
note('many done', await client.ackjob(all.map(([, id]) => id)))

// The broker goes away, and comes back.
client.on('error', () => {})
client.on('warn', () => {})
note('restart', true)
await sleep(500)
for (;;) {
  try {
    const back = open()
    back.on('error', () => {})
    note('after the restart', await back.addjob('back', 'again', 0))
    note('got after it', bodies(await back.getjob('FROM', 'back')))
    break
  } catch {
    await sleep(50)
  }
}
process.exit(0)
