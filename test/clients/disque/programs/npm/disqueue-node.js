// What users do with disqueue-node, which lies over the Redis client of its time.
import { promisify } from 'node:util'
import Disqueue from 'disqueue-node'

const [host, port] = process.argv[2].split(':')
const note = (label, value) => console.log(JSON.stringify({ label, value }))

async function open() {
  const client = new Disqueue({ host, port: Number(port) })
  await new Promise((resolve, reject) => {
    client.on('ready', resolve)
    client.on('error', reject)
  })
  return new Proxy(client, {
    get: (target, name) => name !== 'then' && promisify(target[name]).bind(target),
  })
}

const client = await open()
const told = async (label, promise) =>
  note(label, await promise.catch(error => `refused: ${error.message}`))

const queue = `disqueue-node ${Date.now()}`
const add = options => client.addJob({ queue, job: 'Hello', timeout: 0, ...options })
note('hello', Object.keys(await client.hello({})).sort())
note('info', (await client.info({})).server.disque_version)
const id = await add({ ttl: 3600, retry: 60 })
note('added', id)
note('length', await client.qlen(queue))
const plain = jobs => JSON.parse(JSON.stringify(jobs).replaceAll(queue, '(queue)'))
note('got', plain(await client.getJob({ queue, count: 2, withcounters: true })))
note('working', await client.working(id))
note('nack', await client.nack([id]))
note('got again', plain(await client.getJob({ queue: [queue, 'b'], withcounters: true })))
note('enqueued', await client.enqueue(id))
note('dequeued', await client.dequeue(id))
note('acknowledged', await client.ackJob(id))
const [one, two] = [await add({ async: true }), await add({ delay: 100, ttl: 1000 })]
note('async and delayed', [one, two])
note('fast', await client.fastAck([one]))
note('deleted', await client.delJob([two]))
note('nothing', await client.getJob({ queue, nohang: true }))
await told('a bad id', client.ackJob('nonsense'))
await add({})
await told('too many', add({ maxlen: 1 }))
const other = await open()
const waiting = other.getJob({ queue: `${queue} 2` })
await new Promise(resolve => setTimeout(resolve, 100))
await client.addJob({ queue: `${queue} 2`, job: 'woken', timeout: 0 })
note('woken', plain(await waiting))
process.exit(0)
