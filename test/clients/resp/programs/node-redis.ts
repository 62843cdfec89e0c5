import { createClient } from 'redis'
import { Inbox } from '../../inbox.ts'
import { libraryProgram, type Program, refusal, type Scenario } from '../scenario.ts'

const make = (host: string, port: number, RESP: 2 | 3) =>
  createClient({ socket: { host, port }, RESP })
type Client = ReturnType<typeof make>

const scenarios: readonly Scenario<Client>[] = [
  {
    name: 'every type of key',
    run: async ({ client, note }) => {
      note('set', await client.set('k', 'v', { expiration: { type: 'EX', value: 100 } }))
      note('get', await client.get('k'))
      note('missing', await client.get('missing'))
      await client.hSet('h', { f: 'v', g: 1 })
      note('hash', await client.hGetAll('h'))
      await client.sAdd('s', ['a', 'b'])
      note('set of', [...(await client.sMembers('s'))].sort())
      await client.zAdd('z', [
        { score: 1, value: 'one' },
        { score: 2.5, value: 'two' },
      ])
      note('sorted', await client.zRangeWithScores('z', 0, -1))
      note('score', await client.zScore('z', 'two'))
      await client.rPush('l', ['a', 'b', 'c'])
      note('list', await client.lRange('l', 0, -1))
      note('exists', await client.exists(['k', 'h', 'missing']))
      note('type', await client.type('z'))
      note('wrong type', await refusal(() => client.lPush('k', 'x')))
      note('deleted', await client.del(['k', 'h', 'missing']))
    },
  },
  {
    name: 'waiting',
    run: async ({ client, note, another }) => {
      const waiting = await another()
      const taken = waiting.blPop('queue', 0)
      await new Promise(resolve => setTimeout(resolve, 50))
      await client.rPush('queue', ['a', 'b'])
      note('taken', await taken)
      note('moved', await waiting.blMove('queue', 'done', 'LEFT', 'RIGHT', 1))
      note('nothing', await waiting.brPop(['queue', 'other'], 0.01))
      await client.zAdd('z', { score: 1, value: 'm' })
      note('lowest', await waiting.bzPopMin('z', 1))
    },
  },
  {
    name: '20,000 commands at once',
    run: async ({ client, note }) => {
      const answers = await Promise.all(
        Array.from({ length: 20_000 }, (_, index) => client.incrBy('n', index % 3)),
      )
      note('last', answers.at(-1))
      note(
        'rising',
        answers.every((value, index) => index === 0 || value >= answers[index - 1]!),
      )
    },
  },
  {
    name: 'transactions',
    run: async ({ client, note, another }) => {
      note('multi', await client.multi().set('k', '1').incr('k').get('k').exec())
      await client.watch('k')
      await (await another()).set('k', 'changed')
      note('watched', await refusal(() => client.multi().set('k', 'mine').exec()))
      note('unchanged', await client.get('k'))
      note('failed', await refusal(() => client.multi().incr('k').set('k', '5').exec()))
      note('the rest was done', await client.get('k'))
    },
  },
  {
    name: 'publish and subscribe',
    run: async ({ client, note, another }) => {
      const subscriber = await another()
      const inbox = new Inbox<unknown>()
      await subscriber.subscribe('news', (...words) => inbox.put(words))
      await subscriber.pSubscribe('we*', (...words) => inbox.put(words))
      await subscriber.sSubscribe('shard', (...words) => inbox.put(words))
      note('reached', await client.publish('news', 'hello'))
      await client.publish('weather', 'sun')
      await client.sPublish('shard', 'one')
      note('received', await inbox.take(3, 5000))
      note('channels', await client.pubSubChannels())
      note('subscribers', await client.pubSubNumSub('news'))
      await subscriber.unsubscribe()
      await subscriber.pUnsubscribe()
      await subscriber.sUnsubscribe()
      note('usable again', await subscriber.ping())
    },
  },
  {
    name: 'streams and their groups',
    run: async ({ client, note, another }) => {
      await client.xGroupCreate('s', 'g', '$', { MKSTREAM: true })
      const reader = await another()
      const next = { key: 's', id: '>' }
      const waiting = reader.xReadGroup('g', 'anna', next, { BLOCK: 5000, COUNT: 1 })
      await client.xAdd('s', '1-1', { f: 'v', g: 'w' })
      note('read', await waiting)
      await client.xAdd('s', '2-1', { f: 'x' })
      note('read by another', await reader.xReadGroup('g', 'bert', next))
      note('pending', await client.xPending('s', 'g'))
      note('acknowledged', await client.xAck('s', 'g', ['1-1', '2-1']))
      note('range', await client.xRange('s', '-', '+'))
      const { length, groups, 'last-generated-id': last } = await client.xInfoStream('s')
      note('told', { length, groups, last })
      const [group] = await client.xInfoGroups('s')
      note('its group', group)
    },
  },
  {
    name: 'scripts',
    run: async ({ client, note }) => {
      const script = 'return {redis.call("INCRBY", KEYS[1], ARGV[1]), KEYS[1]}'
      note('eval', await client.eval(script, { keys: ['n'], arguments: ['5'] }))
      const sha = await client.scriptLoad(script)
      note('by its hash', await client.evalSha(sha, { keys: ['n'], arguments: ['2'] }))
      note('exists', await client.scriptExists([sha, 'f'.repeat(40)]))
    },
  },
  {
    name: 'scanning',
    run: async ({ client, note }) => {
      await client.mSet(
        Array.from({ length: 500 }, (_, index): [string, string] => [`key:${index}`, 'v']),
      )
      const seen = new Set<string>()
      for await (const some of client.scanIterator({ MATCH: 'key:*', COUNT: 50 }))
        for (const name of some) seen.add(name)
      note('keys', seen.size)
      note('size', await client.dbSize())
    },
  },
  {
    name: 'a client that is cut off comes back',
    run: async ({ client, note, another }) => {
      const cut = await another()
      const inbox = new Inbox<string>()
      await cut.subscribe('news', message => inbox.put(message))
      const again = new Promise(resolve => cut.once('ready', resolve))
      note('killed', await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']))
      await again
      while ((await client.publish('news', 'hello')) === 0)
        await new Promise(resolve => setTimeout(resolve, 10))
      note('subscribed again', (await inbox.take(1, 5000))[0])
    },
  },
]

const versions = [2, 3] as const

export const nodeRedisPrograms: readonly Program[] = versions.map(version =>
  libraryProgram<Client>({
    name: `node-redis, RESP${version}`,
    scenarios,
    open: async (host, port) => {
      const client = make(host, port, version)
      client.on('error', () => {}) // It is cut off on purpose.
      await client.connect()
      return client
    },
    close: async client => client.destroy(),
    empty: async client => void (await client.flushAll()),
  }),
)
