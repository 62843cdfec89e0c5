import { Redis } from 'ioredis'
import { Inbox } from '../../inbox.ts'
import { libraryProgram, refusal, type Scenario } from '../scenario.ts'

const scenarios: readonly Scenario<Redis>[] = [
  {
    name: 'strings, and what is not there',
    run: async ({ client, note }) => {
      note('set', await client.set('k', 'v', 'EX', 100))
      note('get', await client.get('k'))
      note('missing', await client.get('missing'))
      note('set nx', await client.set('k', 'w', 'NX'))
      note('mset', await client.mset({ a: '1', b: '2' }))
      note('mget', await client.mget('a', 'b', 'c'))
      note('incr', await client.incrby('a', 41))
      note('float', await client.incrbyfloat('a', 0.5))
      const bytes = Buffer.from([0, 255, 13, 10])
      await client.set('bytes', bytes)
      note('bytes', (await client.getBuffer('bytes'))?.toString('hex'))
      note('wrong type', await refusal(() => client.lpush('a', 'x')))
    },
  },
  {
    name: 'hashes, sets and sorted sets',
    run: async ({ client, note }) => {
      await client.hset('h', { f: 'v', g: '1' })
      note('hgetall', await client.hgetall('h'))
      note('hgetall of nothing', await client.hgetall('missing'))
      note('hincrby', await client.hincrby('h', 'g', 5))
      await client.sadd('s', 'a', 'b', 'a')
      note('smembers', (await client.smembers('s')).sort())
      await client.zadd('z', '1', 'one', '2.5', 'two', '+inf', 'far')
      note('zrange', await client.zrange('z', '0', '-1', 'WITHSCORES'))
      note('zscore', await client.zscore('z', 'two'))
      note('zpopmin', await client.zpopmin('z'))
      note('zrangebyscore', await client.zrangebyscore('z', '-inf', '+inf', 'LIMIT', 0, 1))
    },
  },
  {
    name: 'a list is a queue, and clients wait for it',
    run: async ({ client, note, another }) => {
      const waiting = await another()
      const taken = waiting.brpop('queue', 0)
      const first = waiting.brpop('queue', 'other', 5)
      await client.lpush('queue', 'a')
      note('first', await taken)
      await client.lpush('queue', 'b', 'c')
      note('second', await first)
      note('left', await client.lrange('queue', 0, -1))
      note('nothing', await waiting.blpop('missing', 0.01))
      note('moved', await client.lmove('queue', 'done', 'RIGHT', 'LEFT'))
      note('blmove', await waiting.blmove('done', 'queue', 'LEFT', 'RIGHT', 1))
      note('lmpop', await client.lmpop(2, 'done', 'queue', 'LEFT', 'COUNT', 10))
    },
  },
  {
    name: 'a pipeline of 100,000 commands',
    run: async ({ client, note }) => {
      const pipeline = client.pipeline()
      for (let index = 0; index < 50_000; index++) {
        pipeline.rpush('list', `element ${index}`)
        pipeline.incr('count')
      }
      const answers = (await pipeline.exec())!
      note('answers', answers.length)
      note('errors', answers.filter(([error]) => error !== null).length)
      note('last', answers.slice(-2))
      note('length', await client.llen('list'))
      const pops = client.pipeline()
      for (let index = 0; index < 50_000; index++) pops.lpop('list')
      const popped = (await pops.exec())!.map(([, element]) => element)
      note(
        'in order',
        popped.every((element, index) => element === `element ${index}`),
      )
      note('empty', await client.exists('list'))
    },
  },
  {
    name: 'a pipeline with errors in it',
    run: async ({ client, note }) => {
      const answers = await client
        .pipeline([
          ['set', 'k', 'v'],
          ['lpush', 'k', 'x'],
          ['get', 'k'],
        ])
        .exec()
      note(
        'answers',
        answers?.map(([error, value]) => error?.message ?? value),
      )
    },
  },
  {
    name: 'transactions',
    run: async ({ client, note, another }) => {
      note('multi', await client.multi().set('k', 1).incr('k').get('k').exec())
      note('with an error', (await client.multi().set('k', 'v').incr('k').exec())?.map(String))
      note('refused', await refusal(() => client.multi([['set', 'k']]).exec()))
      await client.watch('k')
      await (await another()).set('k', 'changed')
      note('watched', await client.multi().set('k', 'mine').exec())
      note('unchanged', await client.get('k'))
      await client.multi({ pipeline: false })
      await client.set('k', 'one by one')
      note('discarded', await client.discard())
    },
  },
  {
    name: 'publish and subscribe',
    run: async ({ client, note, another }) => {
      const subscriber = await another()
      const inbox = new Inbox<unknown>()
      subscriber.on('message', (channel, message) => inbox.put([channel, message]))
      subscriber.on('pmessage', (...words: unknown[]) => inbox.put(words))
      note('subscribed', await subscriber.subscribe('news', 'sport'))
      note('to patterns', await subscriber.psubscribe('we?ther.*'))
      note('reached', await client.publish('news', 'hello'))
      note('nobody', await client.publish('nobody', 'hello'))
      await client.publish('weather.today', 'sun')
      note('received', await inbox.take(2, 5000))
      note('left', await subscriber.unsubscribe('news', 'sport'))
      await subscriber.punsubscribe('we?ther.*')
      note('usable again', await subscriber.get('k'))
    },
  },
  {
    name: 'streams and their groups',
    run: async ({ client, note, another }) => {
      await client.xgroup('CREATE', 's', 'g', '$', 'MKSTREAM')
      const reader = await another()
      const waiting = reader.xreadgroup('GROUP', 'g', 'anna', 'BLOCK', 5000, 'STREAMS', 's', '>')
      await client.xadd('s', '1-1', 'f', 'v', 'g', 'w')
      note('read', await waiting)
      await client.xadd('s', '2-1', 'f', 'x')
      const more = ['COUNT', 10, 'STREAMS', 's', '>'] as const
      note('read by another', await reader.xreadgroup('GROUP', 'g', 'bert', ...more))
      note('pending', await client.xpending('s', 'g'))
      note('acknowledged', await client.xack('s', 'g', '1-1', '9-9'))
      note('claimed', await client.xautoclaim('s', 'g', 'anna', 0, '0'))
      note('own', await client.xreadgroup('GROUP', 'g', 'anna', 'STREAMS', 's', '0'))
      note('range', await client.xrange('s', '-', '+'))
      note('trimmed', await client.xtrim('s', 'MAXLEN', 1))
      note('length', await client.xlen('s'))
    },
  },
  {
    name: 'scripts',
    run: async ({ client, note }) => {
      client.defineCommand('addAll', {
        numberOfKeys: 1,
        lua: `local sum = 0
          for _, value in ipairs(ARGV) do sum = redis.call('INCRBY', KEYS[1], value) end
          return {KEYS[1], sum, tostring(sum / 2)}`,
      })
      type Scripted = Redis & { addAll(key: string, ...values: number[]): Promise<unknown> }
      const scripted = client as Scripted
      note('first', await scripted.addAll('sum', 1, 2, 3))
      note('second', await scripted.addAll('sum', 5))
      note('eval', await client.eval('return {1, "two", {3}, false}', 0))
      note('sha', await refusal(() => client.evalsha('f'.repeat(40), 0)))
    },
  },
  {
    name: 'scanning',
    run: async ({ client, note }) => {
      const names = Array.from({ length: 1000 }, (_, index) => `key:${index}`)
      await client.mset(...names.flatMap(name => [name, 'v']))
      await client.rpush('list:1', 'x')
      const seen = new Set<string>()
      for await (const some of client.scanStream({ match: 'key:*', count: 50 }))
        for (const name of some as string[]) seen.add(name)
      note('keys', seen.size)
      const lists: string[] = []
      for await (const some of client.scanStream({ type: 'list' }))
        lists.push(...(some as string[]))
      note('lists', lists)
      await client.hset('h', Object.fromEntries(names.map(name => [name, '1'])))
      const fields = new Set<string>()
      for await (const some of client.hscanStream('h', { count: 100 }))
        for (const [index, field] of (some as string[]).entries())
          if (index % 2 === 0) fields.add(field)
      note('fields', fields.size)
    },
  },
  {
    name: 'databases and names',
    run: async ({ client, note }) => {
      await client.select(3)
      await client.set('k', 'three')
      note('in three', await client.get('k'))
      await client.select(0)
      note('in zero', await client.get('k'))
      await client.client('SETNAME', 'anna')
      note('name', await client.client('GETNAME'))
      note('refused', await refusal(() => client.select(99)))
    },
  },
  {
    name: 'a client that is cut off comes back',
    run: async ({ client, note, another }) => {
      const cut = await another()
      const inbox = new Inbox<string>()
      const subscriber = await another()
      subscriber.on('message', (_, message) => inbox.put(message))
      await subscriber.subscribe('news')
      await cut.select(2)
      await cut.set('k', 'two')
      const again = new Promise(resolve => cut.once('ready', resolve))
      const subscribed = new Promise(resolve => subscriber.once('ready', resolve))
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
      await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await Promise.all([again, subscribed])
      note('in its database', await cut.get('k'))
      while ((await client.publish('news', 'hello')) === 0)
        await new Promise(resolve => setTimeout(resolve, 10))
      note('subscribed again', (await inbox.take(1, 5000))[0])
    },
  },
]

export const ioredisPrograms = ([2, 3] as const).map(protocol =>
  libraryProgram<Redis>({
    name: `ioredis, RESP${protocol}`,
    scenarios,
    open: async (host, port) => {
      const client = new Redis({ host, port, protocol, lazyConnect: true })
      client.on('error', () => {}) // It is cut off on purpose.
      await client.connect()
      return client
    },
    close: async client => client.disconnect(),
    empty: async client => void (await client.flushall()),
  }),
)
